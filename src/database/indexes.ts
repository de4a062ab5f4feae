import { isDeepStrictEqual } from 'node:util';

import type { Connection, IndexDefinition, IndexOptions, Schema } from 'mongoose';

import { codeOf, databaseOf } from './images.js';

/** An index that should be there. Without a name it has the one MongoDB gives it, as in `status_1_updatedAt_-1`. */
export interface IndexSpec {
  readonly key: IndexDefinition;
  readonly options?: Readonly<IndexOptions> | undefined;
}

export interface IndexReport {
  readonly name: string;
  /** `present`: it was there. `built`: it was built now. `failed`: it is not there, and `reason` says why. */
  readonly state: 'present' | 'built' | 'failed';
  readonly reason?: string;
}

type Keys = Record<string, unknown>;
type ExistingIndex = Record<string, unknown> & { readonly name: string; readonly key: Keys };

const NAMESPACE_NOT_FOUND = 26;
const DUPLICATE_KEY = 11_000;
/** What makes two indexes with the same key different ones. The name does not. */
const IDENTITY = ['unique', 'sparse', 'partialFilterExpression', 'expireAfterSeconds', 'collation'] as const;

/** The indexes a schema declares, as specs. */
export function indexSpecsOf(schema: Schema): IndexSpec[] {
  return schema.indexes().map(([key, options]) => ({ key, options }));
}

/**
 * Builds what is missing, one after the other, and drops nothing. An index with the same key and options under another
 * name counts as present. A failure (duplicate data under a unique index, missing privilege) is reported, not thrown,
 * and does not keep the others from being built. Creates the collection where it is missing.
 */
export async function ensureIndexes(
  connection: Connection,
  collection: string,
  wanted: readonly IndexSpec[],
): Promise<IndexReport[]> {
  const target = databaseOf(connection).collection(collection);
  const existing = await existingIndexes(connection, collection);
  const reports: IndexReport[] = [];
  for (const spec of wanted) {
    const name = nameOf(spec);
    if (findIndex(existing, spec) !== undefined) {
      reports.push({ name, state: 'present' });
      continue;
    }
    try {
      const { background: _background, ...options } = { ...spec.options, name };
      await target.createIndex(keysOf(spec) as Parameters<typeof target.createIndex>[0], options as Parameters<typeof target.createIndex>[1]);
      reports.push({ name, state: 'built' });
    } catch (error) {
      reports.push({ name, state: 'failed', reason: reasonOf(error) });
    }
  }
  return reports;
}

/** The collection's indexes; none when there is no collection. */
export async function existingIndexes(connection: Connection, collection: string): Promise<ExistingIndex[]> {
  try {
    return (await databaseOf(connection).collection(collection).listIndexes().toArray()) as ExistingIndex[];
  } catch (error) {
    if (codeOf(error) === NAMESPACE_NOT_FOUND) return [];
    throw error;
  }
}

/** The existing index that does what the spec asks for, whatever its name. */
export function findIndex(existing: readonly ExistingIndex[], spec: IndexSpec): ExistingIndex | undefined {
  const options = (spec.options ?? {}) as Keys;
  return existing.find(
    (index) =>
      isDeepStrictEqual(Object.entries(index.key), Object.entries(keysOf(spec))) &&
      IDENTITY.every((option) => isDeepStrictEqual(setOrUndefined(index[option]), setOrUndefined(options[option]))),
  );
}

/** The name an index has or would be given. */
export function nameOf(spec: IndexSpec): string {
  return (
    spec.options?.name ??
    Object.entries(keysOf(spec))
      .map(([field, direction]) => `${field}_${String(direction)}`)
      .join('_')
  );
}

function keysOf(spec: IndexSpec): Keys {
  return spec.key as Keys;
}

/** An option that is off is the same as one that is absent. */
function setOrUndefined(value: unknown): unknown {
  return value === false || value === null ? undefined : value;
}

function reasonOf(error: unknown): string {
  const message = (error as Error).message;
  return codeOf(error) === DUPLICATE_KEY ? `documents that are there already violate it: ${message}` : message;
}
