import { refuse, text } from './validate.js';

const MAX_PATH_LENGTH = 256;
const MAX_PATH_NAMES = 16;

/**
 * A path into `metadata`: plain names joined by dots. Refused, because MongoDB or JavaScript would take them for
 * something else: `$` anywhere, an empty name, a NUL, and the name `__proto__`.
 */
export function metadataPath(value: unknown, field: readonly string[]): string {
  const path = text(value, field, MAX_PATH_LENGTH);
  const quoted = JSON.stringify(path);
  const names = path.split('.');
  if (names.some((name) => name === '')) refuse(field, `must be plain names joined by dots, e.g. aircraft.id: ${quoted} has an empty name`);
  if (path.includes('$')) refuse(field, `must be plain names joined by dots, e.g. aircraft.id: ${quoted} has a $`);
  if (path.includes('\0')) refuse(field, `must be plain names joined by dots, e.g. aircraft.id: ${quoted} has a NUL character`);
  if (names.includes('__proto__')) refuse(field, `must be plain names joined by dots, e.g. aircraft.id: ${quoted} has the name __proto__`);
  if (names.length > MAX_PATH_NAMES) refuse(field, `may have at most ${MAX_PATH_NAMES} names`);
  return path;
}
