import { crc32 } from 'node:zlib';

import { InvalidInputError } from '../model/errors.js';

/** A cluster time of MongoDB: seconds since 1970, and a counter within that second. */
export interface ClusterTime {
  readonly t: number;
  readonly i: number;
}

/** A place in the history of the collection, between two changes. */
export interface Position {
  /** Which run of which feed numbered `seq`. Another run's numbers mean nothing. */
  readonly epoch: string;
  /** Number of the last change before this place, in that run. */
  readonly seq: number;
  /** Cluster time of the last change before this place; null where no change was seen yet. */
  readonly time: ClusterTime | null;
  /** Resume token of the database for this place (its `_data`). */
  readonly token: string;
}

const VERSION = 1;
const MAX_LENGTH = 4096;
const HEX = /^(?:[0-9a-f]{2})+$/;

/** Tokens are hexadecimal in every known server; as bytes they take half the room. */
function packToken(token: string): string {
  return HEX.test(token) ? `h${Buffer.from(token, 'hex').toString('base64url')}` : `r${token}`;
}

function unpackToken(packed: string): string {
  return packed.startsWith('h') ? Buffer.from(packed.slice(1), 'base64url').toString('hex') : packed.slice(1);
}

function refusal(field: readonly string[], why: string): InvalidInputError {
  return new InvalidInputError(field, `${field.join('.')}: ${why}. Pass the feedCursor of a page or the cursor of an event, unchanged.`);
}

/** The error for a text that no feed gave, or not this one. */
export function notACursor(field: readonly string[]): InvalidInputError {
  return refusal(field, 'this is not a cursor of this feed');
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/**
 * Turns positions into the opaque text that clients hold, and back.
 * The text carries a check sum and the collection it belongs to, so that a damaged, forged or foreign one is recognised
 * before it reaches the database. It is not a secret and grants nothing.
 */
export class CursorCodec {
  readonly #scope: string;

  /** @param namespace `database.collection`; cursors of another namespace are refused. */
  constructor(namespace: string) {
    this.#scope = crc32(namespace).toString(36);
  }

  encode(position: Position): string {
    const body = JSON.stringify([
      VERSION,
      this.#scope,
      position.epoch,
      position.seq,
      position.time?.t ?? 0,
      position.time?.i ?? 0,
      packToken(position.token),
    ]);
    return Buffer.from(`${crc32(body).toString(36)}${body}`).toString('base64url');
  }

  /**
   * @param field path of the input field, for the error
   * @throws InvalidInputError for anything that `encode` did not make for this collection
   */
  decode(cursor: string, field: readonly string[] = ['after']): Position {
    if (typeof cursor !== 'string' || cursor.length === 0 || cursor.length > MAX_LENGTH) throw notACursor(field);
    const text = Buffer.from(cursor, 'base64url').toString('utf8');
    const bracket = text.indexOf('[');
    const body = text.slice(bracket);
    if (bracket < 1 || crc32(body).toString(36) !== text.slice(0, bracket)) throw notACursor(field);
    let parts: unknown;
    try {
      parts = JSON.parse(body);
    } catch {
      throw notACursor(field);
    }
    if (!Array.isArray(parts)) throw notACursor(field);
    const [version, scope, epoch, seq, t, i, token] = parts as unknown[];
    if (version !== VERSION) throw refusal(field, `cursors of version ${String(version)} are not understood here`);
    if (scope !== this.#scope) throw refusal(field, 'this cursor belongs to another collection');
    if (typeof epoch !== 'string' || !isCount(seq) || !isCount(t) || !isCount(i) || typeof token !== 'string' || token.length < 2) throw notACursor(field);
    return { epoch, seq, time: t === 0 ? null : { t, i }, token: unpackToken(token) };
  }
}

/** Negative where a is before b. */
export function compareTimes(a: ClusterTime, b: ClusterTime): number {
  return a.t - b.t || a.i - b.i;
}
