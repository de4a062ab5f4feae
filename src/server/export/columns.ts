import { getNamedType, type GraphQLSchema, isLeafType, isObjectType, isRequiredArgument } from 'graphql';

import { InvalidInputError } from '../../model/errors.js';

/** What is exported unless columns are named. */
const DEFAULT_COLUMNS = [
  'taskId',
  'executionId',
  'queueName',
  'status',
  'retryCount',
  'maxRetries',
  'enqueuedAt',
  'processingStartedAt',
  'completedAt',
  'failedAt',
  'archivedAt',
  'updatedAt',
  'waitMs',
  'runMs',
  'errorCategory',
  'errorMessage',
  'metadata',
] as const;

const METADATA = 'metadata';
const MAX_COLUMNS = 100;

/** A column: its heading, the field of `TaskTracker` that it is made from, and how. */
export interface Column {
  readonly name: string;
  readonly field: string;
  readonly valueOf: (row: Readonly<Record<string, unknown>>) => unknown;
}

/** Names of the fields of `TaskTracker` that hold a plain value. */
function fieldsOf(schema: GraphQLSchema): readonly string[] {
  const type = schema.getType('TaskTracker');
  if (!isObjectType(type)) return [];
  const fields = Object.values(type.getFields());
  return fields.filter((field) => isLeafType(getNamedType(field.type)) && !field.args.some(isRequiredArgument)).map(({ name }) => name);
}

function atPath(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return null;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

/**
 * The columns of `?columns=`: names of fields of TaskTracker with a plain value, or `metadata.` and a path, joined by
 * commas. Null or empty: the default ones.
 *
 * @throws InvalidInputError for a name that is neither, one that is there twice, or more than 100
 */
export function columnsOf(schema: GraphQLSchema, asked: string | null): readonly Column[] {
  const names = asked === null || asked.trim() === '' ? DEFAULT_COLUMNS : asked.split(',').map((name) => name.trim());
  if (names.length > MAX_COLUMNS) throw new InvalidInputError(['columns'], `columns: at most ${MAX_COLUMNS} may be named.`);
  const known = new Set(fieldsOf(schema));
  const seen = new Set<string>();
  return names.map((name) => {
    if (seen.has(name)) throw new InvalidInputError(['columns'], `columns: ${JSON.stringify(name)} is there twice.`);
    seen.add(name);
    if (known.has(name)) return { name, field: name, valueOf: (row) => row[name] };
    const [first, ...path] = name.split('.');
    if (first !== METADATA || path.includes('') || path.length === 0) {
      throw new InvalidInputError(['columns'], `columns: ${JSON.stringify(name)} is none; they are ${[...known].join(', ')}, and metadata.PATH.`);
    }
    return { name, field: METADATA, valueOf: (row) => atPath(row[METADATA], path) };
  });
}
