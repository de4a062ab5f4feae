/**
 * Checks the committed schema: `npm run build && node scripts/check-schema.mjs [contract.graphql]`.
 *
 * 1. schema.graphql is what the built project prints.
 * 2. It has all that the API's contract names, with the same nullability and defaults, but for what
 *    docs/contract-pending.txt lists; and nothing listed there is in fact served. The contract is the file given, or
 *    named by CONTRACT. Without one this part is left out, and a line says so.
 * 3. Every type, field, argument, input field and enum value is described.
 *
 * Prints one line for each thing that is wrong, and exits with 1 if there is any.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { diff } from '@graphql-inspector/core';
import { buildSchema, isEnumType, isInputObjectType, isInterfaceType, isIntrospectionType, isObjectType, isSpecifiedScalarType } from 'graphql';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const problems = [];

/** Additions to the contract are welcome, and words about it are the project's own. */
const IGNORED = /_DESCRIPTION_|_DESCRIPTION$|DEPRECATION|DIRECTIVE/;

function coordinateOf({ type, path: where = '' }) {
  const [typeName, field, argument] = where.split('.');
  return /^FIELD_ARGUMENT/.test(type) && argument ? `${typeName}.${field}(${argument}:)` : where;
}

function exists(schema, coordinate) {
  const [, typeName, fieldName, argumentName] = /^(\w+)(?:\.(\w+)(?:\((\w+):\))?)?$/.exec(coordinate) ?? [];
  const type = typeName && schema.getType(typeName);
  if (!type || !fieldName) return Boolean(type);
  if (isEnumType(type)) return Boolean(type.getValue(fieldName));
  const field = 'getFields' in type ? type.getFields()[fieldName] : undefined;
  if (!field || !argumentName) return Boolean(field);
  return field.args.some((argument) => argument.name === argumentName);
}

async function checkPrinted(committed) {
  const built = path.join(root, 'dist', 'graphql', 'schema.js');
  if (!existsSync(built)) {
    problems.push('dist/graphql/schema.js is missing: run `npm run build` first');
    return;
  }
  const { printTaskTrackerSchema } = await import(pathToFileURL(built).href);
  if ((await printTaskTrackerSchema()) !== committed) problems.push('schema.graphql is not what the project prints: run `npm run schema` and commit it');
}

async function checkContract(schema, contractFile) {
  const contract = buildSchema(readFileSync(contractFile, 'utf8'));
  const listed = readFileSync(path.join(root, 'docs', 'contract-pending.txt'), 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const pending = new Set(listed);
  if (pending.size < listed.length) problems.push('docs/contract-pending.txt names something twice');
  for (const coordinate of pending) {
    if (!exists(contract, coordinate)) problems.push(`docs/contract-pending.txt lists ${coordinate}, which the contract does not have`);
    else if (exists(schema, coordinate)) problems.push(`docs/contract-pending.txt lists ${coordinate}, which is served: take the line out`);
  }
  for (const change of await diff(contract, schema)) {
    const harmlessAddition = /_ADDED$/.test(change.type) && change.criticality.level !== 'BREAKING';
    if (IGNORED.test(change.type) || harmlessAddition) continue;
    const coordinate = coordinateOf(change);
    if (/_REMOVED$/.test(change.type) && pending.has(coordinate)) continue;
    problems.push(`contract: ${coordinate}: ${change.message}`);
  }
  return pending.size;
}

function* undescribed(schema) {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
    if (!type.description) yield type.name;
    if (isEnumType(type)) {
      for (const value of type.getValues()) if (!value.description) yield `${type.name}.${value.name}`;
    } else if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        if (!field.description) yield `${type.name}.${field.name}`;
        for (const argument of field.args ?? []) if (!argument.description) yield `${type.name}.${field.name}(${argument.name}:)`;
      }
    }
  }
}

const committed = readFileSync(path.join(root, 'schema.graphql'), 'utf8');
const schema = buildSchema(committed);
await checkPrinted(committed);

const contractFile = process.argv[2] ?? process.env.CONTRACT;
if (!contractFile) {
  console.log('schema: no contract given (argument or CONTRACT), so it is not compared');
} else if (!existsSync(contractFile)) {
  problems.push(`the contract ${contractFile} is not there`);
} else {
  const pending = await checkContract(schema, contractFile);
  console.log(`schema: compared with ${contractFile}, ${pending} coordinates pending`);
}

for (const coordinate of undescribed(schema)) problems.push(`${coordinate} has no description`);

for (const problem of problems) console.error(`schema: ${problem}`);
if (problems.length > 0) process.exit(1);
console.log('schema: as committed, and all of it described');
