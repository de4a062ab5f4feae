import type { Command } from './command-watch.js';

/** In every hostile text: where it stands in a command says what the database takes it for. */
export const MARK = 'XQZ';
/** What smuggled operators compare with. An operator that got through would bring it into a command as a value of its own. */
export const SMUGGLED = 'XQZ smuggled';

/** Operators behind which a value is compared with, whatever it looks like. */
const COMPARISONS = new Set(['$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$in', '$nin']);
const CONNECTIVES = new Set(['$and', '$or', '$nor']);
const METADATA_PATH = /^metadata(\.[^.$\0]+)+$/;

type Report = (where: string, what: string) => void;

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
}

function isMarked(value: unknown): boolean {
  if (typeof value === 'string') return value.includes(MARK);
  if (Array.isArray(value)) return value.some(isMarked);
  if (isPlain(value)) return Object.entries(value).some(([name, inner]) => name.includes(MARK) || isMarked(inner));
  // A regular expression, code, a symbol: what its text says.
  return typeof value === 'object' && value !== null && String((value as { source?: unknown; code?: unknown; value?: unknown }).source ?? (value as { code?: unknown }).code ?? (value as { value?: unknown }).value ?? '').includes(MARK);
}

function smuggled(value: unknown, where: string, report: Report): void {
  if (value === SMUGGLED) report(where, 'the value of a smuggled operator');
  else if (Array.isArray(value)) value.forEach((each, index) => smuggled(each, `${where}[${index}]`, report));
  else if (isPlain(value)) for (const [name, inner] of Object.entries(value)) smuggled(inner, `${where}.${name}`, report);
}

/** A value that is stored or compared with: no name in it may start with `$`, and it is no code. */
function data(value: unknown, where: string, report: Report): void {
  if (Array.isArray(value)) value.forEach((each, index) => data(each, `${where}[${index}]`, report));
  else if (isPlain(value)) {
    for (const [name, inner] of Object.entries(value)) {
      if (name.startsWith('$') && (isMarked(inner) || name.includes(MARK))) report(`${where}.${name}`, 'an operator within data');
      data(inner, `${where}.${name}`, report);
    }
  } else if (typeof value === 'object' && isMarked(value)) report(where, `a ${value?.constructor.name ?? 'value'} made of input`);
}

function expression(value: unknown, where: string, report: Report): void {
  if (typeof value === 'string') {
    if (isMarked(value)) report(where, 'input as an expression');
  } else if (Array.isArray(value)) value.forEach((each, index) => expression(each, `${where}[${index}]`, report));
  else if (isPlain(value)) {
    for (const [name, inner] of Object.entries(value)) {
      if (name.includes(MARK)) report(`${where}.${name}`, 'input as the name of an expression');
      if (name === '$literal') data(inner, `${where}.${name}`, report);
      else expression(inner, `${where}.${name}`, report);
    }
  } else if (isMarked(value)) report(where, 'input as an expression');
}

/** What is compared with, name for name where it is an object: nothing in it is asked for by its own operators, but for patterns and code. */
function operand(value: unknown, where: string, report: Report): void {
  if (Array.isArray(value)) value.forEach((each, index) => operand(each, `${where}[${index}]`, report));
  else if (isPlain(value)) for (const [name, inner] of Object.entries(value)) operand(inner, `${where}.${name}`, report);
  else data(value, where, report);
}

/** What stands behind the name of a field in a query. */
function condition(value: unknown, where: string, report: Report): void {
  if (!isPlain(value) || !Object.keys(value).some((name) => name.startsWith('$'))) {
    if (typeof value !== 'string' && isMarked(value)) report(where, 'input that is compared with unguarded, and is no text');
    return;
  }
  for (const [operator, given] of Object.entries(value)) {
    const here = `${where}.${operator}`;
    if (operator === '$not' || operator === '$elemMatch') condition(given, here, report);
    else if (!isMarked(given)) continue;
    else if (COMPARISONS.has(operator)) operand(given, here, report);
    // Kinds of failures are looked for by a pattern made of a message, in which every special character is escaped.
    else if (operator !== '$regex' || !where.endsWith('.errorMessage')) report(here, 'input behind an operator that does not compare');
  }
}

function query(value: unknown, where: string, report: Report): void {
  if (!isPlain(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    const here = `${where}.${name}`;
    if (CONNECTIVES.has(name)) (inner as readonly unknown[]).forEach((each, index) => query(each, `${here}[${index}]`, report));
    else if (name === '$expr') expression(inner, here, report);
    else if (name.startsWith('$') && isMarked({ [name]: inner })) report(here, 'input behind an operator at the top of a query');
    else {
      if (name.includes(MARK) && !METADATA_PATH.test(name)) report(here, 'input as the name of a field');
      condition(inner, here, report);
    }
  }
}

function pipeline(value: unknown, where: string, report: Report): void {
  (value as readonly Record<string, unknown>[]).forEach((stage, index) => {
    for (const [name, inner] of Object.entries(stage)) (name === '$match' ? query : expression)(inner, `${where}[${index}].${name}`, report);
  });
}

function update(value: unknown, where: string, report: Report): void {
  // The name of the collection, in a command of this name.
  if (typeof value === 'string') return;
  if (Array.isArray(value)) {
    pipeline(value, where, report);
    return;
  }
  const operators = Object.entries(value as Record<string, Record<string, unknown>>);
  if (!operators.every(([name]) => name.startsWith('$'))) {
    data(value, where, report);
    return;
  }
  for (const [operator, fields] of operators) {
    for (const [name, inner] of Object.entries(fields)) {
      if (name.includes(MARK)) report(`${where}.${operator}.${name}`, 'input as the name of a field');
      data(inner, `${where}.${operator}.${name}`, report);
    }
  }
}

const PARTS: Readonly<Record<string, (value: unknown, where: string, report: Report) => void>> = {
  filter: query,
  query,
  q: query,
  documents: data,
  pipeline,
  update,
  u: update,
};

function each(command: Command, where: string, report: Report): void {
  for (const [name, value] of Object.entries(command)) {
    const here = `${where}.${name}`;
    if (name === 'updates' || name === 'deletes') (value as readonly Command[]).forEach((one, index) => each(one, `${here}[${index}]`, report));
    else if (Object.hasOwn(PARTS, name)) PARTS[name]?.(value, here, report);
    else if (isMarked(value)) report(here, 'input outside of what is asked for or written');
  }
}

/** Where a command takes a marked text for something else than a text: an operator, an expression, a field of another's. */
export function strayInputs(command: Command): readonly string[] {
  const found: string[] = [];
  const report: Report = (where, what) => found.push(`${where}: ${what}`);
  const [name = ''] = Object.keys(command);
  each(command, name, report);
  smuggled(command, name, report);
  return found;
}
