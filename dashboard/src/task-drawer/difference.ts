/** One thing that is not the same in two attempts, as text; null where there is none. */
export interface Difference {
  /** Name of a field, or `metadata.` and a path. */
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Two attempts never share these. */
const OWN = new Set(['id', 'executionId', '__typename']);

/** What a text says of a value of `metadata` or of a field. */
export function valueText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every value inside, by its path. Empty objects and lists are values. */
function* leaves(value: unknown, path: string): Generator<readonly [string, unknown]> {
  const entries = isObject(value) ? Object.entries(value) : Array.isArray(value) ? value.map((entry, index) => [String(index), entry] as const) : [];
  if (entries.length === 0) {
    yield [path, value];
    return;
  }
  for (const [name, entry] of entries) yield* leaves(entry, `${path}.${name}`);
}

function flat(record: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> {
  const { metadata, ...fields } = record;
  const all = new Map<string, unknown>(Object.entries(fields).filter(([name]) => !OWN.has(name)));
  if (isObject(metadata)) for (const [name, entry] of Object.entries(metadata)) for (const [path, value] of leaves(entry, `metadata.${name}`)) all.set(path, value);
  return all;
}

/** What differs between two attempts: fields first, in the order in which they stand, then metadata by path. */
export function differences(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): readonly Difference[] {
  const [old, fresh] = [flat(before), flat(after)];
  const names = [...new Set([...old.keys(), ...fresh.keys()])];
  // Metadata that only the older one has belongs beside the rest of metadata.
  const isMetadata = (name: string): boolean => name.startsWith('metadata.');
  const ordered = [...names.filter((name) => !isMetadata(name)), ...names.filter(isMetadata).sort()];
  return ordered
    .map((name) => {
      const tell = (of: ReadonlyMap<string, unknown>): string | null => {
        const value = of.get(name);
        // An empty text, and null that was written, are something in metadata.
        return isMetadata(name) && of.has(name) ? (typeof value === 'string' ? value : JSON.stringify(value)) : valueText(value);
      };
      return { name, before: tell(old), after: tell(fresh), same: JSON.stringify(old.get(name)) === JSON.stringify(fresh.get(name)) && old.has(name) === fresh.has(name) };
    })
    .filter(({ same, before: a, after: b }) => !same && !(a === null && b === null))
    .map(({ name, before: a, after: b }) => ({ name, before: a, after: b }));
}
