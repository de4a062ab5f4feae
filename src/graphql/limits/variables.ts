import type { GraphQLError } from 'graphql';

import { limitError, type LimitOptions } from './options.js';

type Variables = Readonly<Record<string, unknown>>;

/** Most bytes of a character, escaped (`\u001f`), of a number or literal, and of what stands around a name or value. */
const CHARACTER_BYTES = 6;
const NUMBER_BYTES = 25;
const AROUND_BYTES = 4;

/**
 * How many bytes it takes as JSON, at most; infinite where it nests deeper than so many objects and lists: what lies deeper is
 * not looked at.
 */
function mostBytes(value: unknown, depth: number): number {
  if (typeof value === 'string') return AROUND_BYTES + value.length * CHARACTER_BYTES;
  if (typeof value !== 'object' || value === null) return NUMBER_BYTES;
  if (depth === 0) return Number.POSITIVE_INFINITY;
  let bytes = AROUND_BYTES;
  for (const key in value) {
    bytes += AROUND_BYTES + key.length * CHARACTER_BYTES + mostBytes((value as Variables)[key], depth - 1);
    if (bytes === Number.POSITIVE_INFINITY) return bytes;
  }
  return bytes;
}

/** What is wrong with the size of the variables, which came as JSON; empty where nothing is. */
export function checkVariables(variables: Variables, { maxVariablesBytes, maxVariablesDepth }: LimitOptions): readonly GraphQLError[] {
  const most = mostBytes(variables, maxVariablesDepth);
  // First, since JSON.stringify calls itself for each level.
  if (most === Number.POSITIVE_INFINITY) {
    return [limitError('VARIABLES_TOO_DEEP', `The variables nest deeper than ${maxVariablesDepth} levels.`, { limit: maxVariablesDepth })];
  }
  if (most <= maxVariablesBytes) return [];
  const actual = Buffer.byteLength(JSON.stringify(variables));
  if (actual <= maxVariablesBytes) return [];
  const message = `The variables take ${actual} bytes as JSON; at most ${maxVariablesBytes} are allowed.`;
  return [limitError('VARIABLES_TOO_LARGE', message, { limit: maxVariablesBytes, actual })];
}
