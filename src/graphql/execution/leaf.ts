import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLLeafType,
  type GraphQLOutputType,
  GraphQLString,
  isLeafType,
  isNonNullType,
} from 'graphql';
import { inspect } from 'graphql/jsutils/inspect.js';

import type { CompleteLeaf } from './types.js';

const MAX_INT = 2_147_483_647;
const MIN_INT = -2_147_483_648;

/** Values that a type shows as they are, told without asking it. */
const AS_IT_IS = new Map<GraphQLLeafType, (value: unknown) => boolean>([
  [GraphQLString, (value) => typeof value === 'string'],
  [GraphQLID, (value) => typeof value === 'string'],
  [GraphQLBoolean, (value) => typeof value === 'boolean'],
  [GraphQLFloat, (value) => typeof value === 'number' && Number.isFinite(value)],
  [GraphQLInt, (value) => Number.isInteger(value) && (value as number) <= MAX_INT && (value as number) >= MIN_INT],
]);

export function serializeLeaf(type: GraphQLLeafType, value: unknown): unknown {
  const shown: unknown = type.serialize(value);
  if (shown !== null && shown !== undefined) return shown;
  throw new Error(`Expected \`${inspect(type)}.serialize(${inspect(value)})\` to return non-nullable value, returned: ${inspect(shown)}`);
}

/** @param coordinate of the field, for errors: Type.field */
export function leafCompletionOf(type: GraphQLOutputType, coordinate: string): CompleteLeaf {
  const isNonNull = isNonNullType(type);
  const leaf = isNonNull ? type.ofType : type;
  if (!isLeafType(leaf)) throw new TypeError(`${coordinate} is no scalar and no enum`);
  const showsAsItIs = AS_IT_IS.get(leaf) ?? (() => false);
  return (value) => {
    if (showsAsItIs(value)) return value;
    if (value === null || value === undefined) {
      if (isNonNull) throw new Error(`Cannot return null for non-nullable field ${coordinate}.`);
      return null;
    }
    if (value instanceof Error) throw value;
    return serializeLeaf(leaf, value);
  };
}
