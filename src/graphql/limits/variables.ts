import type { GraphQLError } from 'graphql';

import { limitError, type LimitOptions } from './options.js';

type Variables = Readonly<Record<string, unknown>>;

/** Whether it nests no deeper than so many objects and lists; what lies deeper is not looked at. */
function isWithin(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  for (const key in value) if (!isWithin((value as Variables)[key], depth - 1)) return false;
  return true;
}

/** What is wrong with the size of the variables, which came as JSON; empty where nothing is. */
export function checkVariables(variables: Variables, { maxVariablesBytes, maxVariablesDepth }: LimitOptions): readonly GraphQLError[] {
  // First, since JSON.stringify calls itself for each level.
  if (!isWithin(variables, maxVariablesDepth)) {
    return [limitError('VARIABLES_TOO_DEEP', `The variables nest deeper than ${maxVariablesDepth} levels.`, { limit: maxVariablesDepth })];
  }
  const actual = Buffer.byteLength(JSON.stringify(variables));
  if (actual <= maxVariablesBytes) return [];
  const message = `The variables take ${actual} bytes as JSON; at most ${maxVariablesBytes} are allowed.`;
  return [limitError('VARIABLES_TOO_LARGE', message, { limit: maxVariablesBytes, actual })];
}
