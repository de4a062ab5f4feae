const LAST_CODE_POINT = 0x10ffff;
const BEFORE_SURROGATES = 0xd7ff;
const AFTER_SURROGATES = 0xe000;

/**
 * The first string after all that start with `prefix`, in the order of code points (MongoDB's, which compares UTF-8);
 * undefined where there is none: for '' and for prefixes of nothing but U+10FFFF.
 */
export function successorOfPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === LAST_CODE_POINT) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  return String.fromCodePoint(...points, last === BEFORE_SURROGATES ? AFTER_SURROGATES : last + 1);
}

/** Strings that start with `prefix`, as a range: an index is walked over exactly these, and nothing needs escaping. */
export function prefixRange(prefix: string): { $gte: string; $lt?: string } {
  const end = successorOfPrefix(prefix);
  return end === undefined ? { $gte: prefix } : { $gte: prefix, $lt: end };
}
