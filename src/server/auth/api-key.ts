import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

import { QueueScope } from '../../access/queue-scope.js';
import type { Role } from '../../access/role.js';

/** Bits of randomness in a secret: nothing that is tried out finds it. */
const SECRET_BYTES = 32;
const ID_BYTES = 8;
const FORM = /^tt_([A-Za-z0-9]{4,64})_([A-Za-z0-9_-]{43})$/;

/** One API key as it is stored: without the key itself. */
export interface ApiKeyEntry {
  /** The part of the key that it is looked up by; no secret. */
  readonly id: string;
  /** Who uses it: written to `archivedBy` and to the audit log. */
  readonly name: string;
  readonly role: Role;
  /** SHA-256 of the whole key, in hex. */
  readonly hash: string;
  /** Patterns of the names of the queues that it may know of. Absent: all. */
  readonly queues?: readonly string[];
  /** From when on it is not valid, as an ISO instant. Absent: never. */
  readonly expiresAt?: string;
}

/**
 * SHA-256. A slow hash (bcrypt, Argon2) makes up for secrets that people choose, and would cost every request, and every
 * stranger's request, many milliseconds of CPU. A key has 256 random bits: at any speed there is nothing to guess.
 */
export function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** Whether the key is the one that was hashed, in a time that does not depend on where they differ. */
export function hasHash(key: string, hash: Buffer): boolean {
  return timingSafeEqual(hashOf(key), hash);
}

/** Whether a text is meant as an API key. */
export function isApiKey(text: string): boolean {
  return text.startsWith('tt_');
}

/** The id in a key; null where the text has not the form of one. */
export function idOf(key: string): string | null {
  return FORM.exec(key)?.[1] ?? null;
}

export interface NewApiKey {
  /** `tt_<id>_<secret>`: to be handed to whoever uses it, and kept nowhere else. */
  readonly key: string;
  readonly entry: ApiKeyEntry;
}

/** @throws InvalidInputError for patterns of queues that are none */
export function createApiKey(of: Pick<ApiKeyEntry, 'name' | 'role' | 'queues' | 'expiresAt'>): NewApiKey {
  const id = randomBytes(ID_BYTES).toString('hex');
  const key = `tt_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  const { name, role, queues, expiresAt } = of;
  return {
    key,
    entry: {
      id,
      name,
      role,
      hash: hashOf(key).toString('hex'),
      ...(queues === undefined ? {} : { queues: new QueueScope(queues).patterns }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    },
  };
}
