import { InvalidInputError } from '../../model/errors.js';
import type { MetadataFilter, MetadataScalar, TaskFilter } from '../../queries/types.js';
import type { MetadataFilter as MetadataFilterInput, TaskFilter as TaskFilterInput } from '../types/inputs.js';

function isScalar(value: unknown): value is MetadataScalar {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}

/** The value if it can only be compared with; an object could be read as an operator, so it is refused. */
function scalarOf(value: unknown, path: string, field: readonly string[]): MetadataScalar {
  if (isScalar(value)) return value;
  throw new InvalidInputError(
    field,
    `The value to compare metadata at ${JSON.stringify(path)} with must be a string, a number, a boolean or null, not ${Array.isArray(value) ? 'a list' : 'an object'}`,
  );
}

function metadataFilterOf(input: MetadataFilterInput, field: readonly string[]): MetadataFilter {
  const { path, eq, in: among, exists } = input;
  if (eq === undefined && among == null && exists == null) {
    throw new InvalidInputError(field, `The condition on metadata at ${JSON.stringify(path)} needs one of eq, in and exists`);
  }
  return {
    path,
    ...(eq === undefined ? {} : { eq: scalarOf(eq, path, [...field, 'eq']) }),
    ...(among == null ? {} : { in: among.map((value) => scalarOf(value, path, [...field, 'in'])) }),
    ...(exists == null ? {} : { exists }),
  };
}

/**
 * A filter as clients give it, as the queries take it. `eq: null` compares with null; `eq` left out does not compare.
 * Throws InvalidInputError naming the path for a metadata value that is no scalar.
 */
export function filterOf(input: TaskFilterInput | null | undefined): TaskFilter | null {
  if (!input) return null;
  const { metadata, ...conditions } = input;
  if (!metadata) return { ...conditions };
  return { ...conditions, metadata: metadata.map((one, position) => metadataFilterOf(one, ['filter', 'metadata', String(position)])) };
}
