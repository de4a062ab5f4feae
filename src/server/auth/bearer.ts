import { UnauthenticatedError } from './errors.js';

/** Longest credentials that are looked at, in characters. */
const MAX_LENGTH = 8_192;
const BEARER = /^bearer +(\S+) *$/i;

function tooLong(): UnauthenticatedError {
  return new UnauthenticatedError(`Credentials have at most ${MAX_LENGTH} characters.`, true);
}

/**
 * The credentials of an Authorization header (RFC 6750); null where there is no header.
 * @throws UnauthenticatedError for another scheme
 */
export function bearerOf(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (header.length > MAX_LENGTH) throw tooLong();
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) throw new UnauthenticatedError('The Authorization header must be "Bearer", a blank, and an API key or token.', true);
  return token;
}

/**
 * The credentials in the payload of `connection_init`: its `authorization`, in any letter case, as in the header or without
 * the word Bearer. Null where there is none.
 * @throws UnauthenticatedError where it is no text
 */
export function bearerOfParams(params: Readonly<Record<string, unknown>> | undefined): string | null {
  if (params === undefined) return null;
  const name = Object.keys(params).find((each) => each.toLowerCase() === 'authorization');
  const value = name === undefined ? undefined : params[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw new UnauthenticatedError('connection_init: `authorization` must be a text.', true);
  if (value.length > MAX_LENGTH) throw tooLong();
  return /\s/.test(value.trim()) ? bearerOf(value.trim()) : value.trim();
}
