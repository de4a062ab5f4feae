import type { GraphQLError } from 'graphql';

import { limitError } from './options.js';

/** Brackets that may be open at one place of an operation's text. The parser calls itself for each, and Node's stack ends at about 1,500. */
export const MAX_NESTING = 500;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const HASH = 0x23;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const OPENING = new Set([...'([{'].map((bracket) => bracket.charCodeAt(0)));
const CLOSING = new Set([...')]}'].map((bracket) => bracket.charCodeAt(0)));

/** Where the string ends that begins at `start`: behind its last quote. */
function endOfString(text: string, start: number): number {
  if (text.startsWith('"""', start)) {
    let end = text.indexOf('"""', start + 3);
    while (end > 0 && text.charCodeAt(end - 1) === BACKSLASH) end = text.indexOf('"""', end + 1);
    return end < 0 ? text.length : end + 3;
  }
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) return at + 1;
    else if (code === NEWLINE || code === RETURN) return at;
  }
  return text.length;
}

function endOfLine(text: string, start: number): number {
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === NEWLINE || code === RETURN) return at;
  }
  return text.length;
}

function isNestedDeeper(text: string, limit: number): boolean {
  let open = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
      continue;
    }
    if (code === HASH) {
      at = endOfLine(text, at);
      continue;
    }
    if (OPENING.has(code)) {
      open += 1;
      if (open > limit) return true;
    } else if (CLOSING.has(code)) open -= 1;
    at += 1;
  }
  return false;
}

/** What is wrong with the text of an operation before it is parsed; empty where nothing is. */
export function checkNesting(text: string): readonly GraphQLError[] {
  if (text.length <= MAX_NESTING || !isNestedDeeper(text, MAX_NESTING)) return [];
  return [limitError('QUERY_TOO_DEEP', `The text of the operation nests brackets deeper than ${MAX_NESTING}.`, { limit: MAX_NESTING })];
}
