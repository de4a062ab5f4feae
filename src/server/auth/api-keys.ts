import { setMaxListeners } from 'node:events';

import { z } from 'zod';

import type { Caller } from '../../access/caller.js';
import { QueueScope } from '../../access/queue-scope.js';
import { ROLES } from '../../access/role.js';
import { type ApiKeyEntry, hashOf, hasHash, idOf } from './api-key.js';
import { AuthenticationSettingsError, UnauthenticatedError } from './errors.js';
import { type Grant, isValid } from './grant.js';

const NOT_VALID = 'The API key is not valid.';
const NOBODYS = hashOf('');

const entrySchema = z.strictObject({
  id: z.string('must be a text').regex(/^[A-Za-z0-9]{4,64}$/, 'must be the part of the key between its underscores'),
  name: z.string('must be a text').trim().min(1, 'must not be empty').max(512, 'may have at most 512 characters'),
  role: z.enum(ROLES, `must be one of ${ROLES.join(', ')}`),
  hash: z.string('must be a text').regex(/^[0-9a-fA-F]{64}$/, 'must be the SHA-256 of the key, as 64 hex digits'),
  queues: z.array(z.string('must be a text'), 'must be a list of patterns of queue names').exactOptional(),
  expiresAt: z.iso.datetime({ offset: true, error: 'must be an instant such as 2027-01-31T00:00:00Z' }).exactOptional(),
});
const listSchema = z.array(entrySchema, 'must be a list of entries as `tasktracker key create` prints them');

/**
 * The entries of a text in JSON.
 * @param source what the text is called in errors
 * @throws AuthenticationSettingsError that names the entry and its field, and repeats no value
 */
export function readApiKeys(text: string, source: string): readonly ApiKeyEntry[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new AuthenticationSettingsError(`${source} is no JSON.`);
  }
  const parsed = listSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = (issue?.path ?? []).map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
    throw new AuthenticationSettingsError(`${source}${place}: ${issue?.message ?? 'it cannot be used'}.`);
  }
  const ids = new Set<string>();
  parsed.data.forEach(({ id, queues }, index) => {
    if (ids.has(id)) throw new AuthenticationSettingsError(`${source}[${index}].id: another entry has this id.`);
    ids.add(id);
    try {
      if (queues !== undefined) new QueueScope(queues);
    } catch (error) {
      throw new AuthenticationSettingsError(`${source}[${index}].${(error as Error).message}`);
    }
  });
  return parsed.data;
}

interface Known {
  /** Equal for entries that say the same. */
  readonly text: string;
  readonly hash: Buffer;
  readonly grant: Grant;
  readonly revoke: () => void;
}

function knownOf(entry: ApiKeyEntry, text: string): Known {
  const { name, role, hash, queues, expiresAt } = entry;
  const caller: Caller = Object.freeze({
    name,
    role,
    queues: queues === undefined ? null : new QueueScope(queues),
    expiresAt: expiresAt === undefined ? null : new Date(expiresAt),
  });
  const revoking = new AbortController();
  // Every connection that was opened with the key listens.
  setMaxListeners(0, revoking.signal);
  return { text, hash: Buffer.from(hash, 'hex'), grant: { caller, revoked: revoking.signal }, revoke: () => revoking.abort() };
}

/** API keys by their ids. Keys themselves are not in memory, only what tells whether somebody has shown one. */
export class ApiKeys {
  #known = new Map<string, Known>();

  constructor(entries: readonly ApiKeyEntry[]) {
    this.replace(entries);
  }

  get size(): number {
    return this.#known.size;
  }

  /** Takes these entries in place of those before. What was granted by a key that is gone or changed is taken back. */
  replace(entries: readonly ApiKeyEntry[]): void {
    const before = this.#known;
    this.#known = new Map(
      entries.map((entry) => {
        const text = JSON.stringify(entry);
        const same = before.get(entry.id);
        return [entry.id, same?.text === text ? same : knownOf(entry, text)];
      }),
    );
    for (const [id, known] of before) if (this.#known.get(id) !== known) known.revoke();
  }

  /** @throws UnauthenticatedError, in the same words for an unknown id and a wrong secret */
  verify(key: string): Grant {
    const known = this.#known.get(idOf(key) ?? '');
    const isRight = hasHash(key, known?.hash ?? NOBODYS);
    if (known === undefined || !isRight) throw new UnauthenticatedError(NOT_VALID, true);
    if (!isValid(known.grant)) throw new UnauthenticatedError('The API key has expired.', true);
    return known.grant;
  }
}
