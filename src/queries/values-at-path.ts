const INDEX = /^(?:0|[1-9]\d*)$/;

/**
 * What MongoDB compares when a condition names a dotted path: the value there, every entry of a list at its end, and
 * what is reached through lists of objects on the way. `undefined` stands for "nothing there", which equals null.
 * Follows ElementPath of mongod (src/mongo/db/matcher/path.cpp): the first list on the way is entered, a list directly
 * inside a list only by its index.
 */
export function valuesAtPath(start: unknown, names: readonly string[]): readonly unknown[] {
  const found: unknown[] = [];
  collect(start, names, 0, found);
  return found;
}

function field(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date) && !('_bsontype' in value);
}

function collect(value: unknown, names: readonly string[], at: number, found: unknown[]): void {
  let current = value;
  for (let index = at; index < names.length; index += 1) {
    if (Array.isArray(current)) return collectThroughList(current, names, index, found);
    current = field(current, names[index] ?? '');
  }
  if (Array.isArray(current)) found.push(...(current as unknown[]));
  found.push(current);
}

function collectThroughList(entries: readonly unknown[], names: readonly string[], at: number, found: unknown[]): void {
  const name = names[at] ?? '';
  const position = INDEX.test(name) ? Number(name) : -1;
  entries.forEach((entry, index) => {
    if (isObject(entry)) collect(entry, names, at, found);
    if (index !== position) return;
    if (at === names.length - 1) found.push(entry);
    else if (isObject(entry) || Array.isArray(entry)) collect(entry, names, at + 1, found);
  });
}
