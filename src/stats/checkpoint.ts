import { randomBytes } from 'node:crypto';

import mongoose, { type Connection, type mongo } from 'mongoose';

import type { ClusterTime } from '../feed/cursor.js';
import { FOLD_VERSION } from './fold/snapshot.js';
import type { ScanPlace } from './scan-place.js';

const { Binary } = mongoose.mongo.BSON;

export const CHECKPOINT_COLLECTION = 'task_tracker_checkpoints';

/** What a checkpoint means, and what the bytes of a fold mean. */
export const CHECKPOINT_VERSION = `1.${FOLD_VERSION}`;

const MANIFEST_ID = 'statistics';

/** A document of MongoDB holds 16 MB. */
const PART_BYTES = 12 * 1024 * 1024;

/** Parts that no manifest names may be those of another replica that is still writing. */
const STRAY_PART_MS = 10 * 60_000;

const DUPLICATE_KEY = 11_000;

/** Figures and the place in the feed that they hold for. */
export interface Checkpoint {
  readonly bytes: Uint8Array;
  /** Cursor of the feed behind the last change that the figures hold. */
  readonly cursor: string;
  /** When that change was committed; null where none was seen. */
  readonly time: ClusterTime | null;
  /** How far the scan has come; null where the figures hold everything. */
  readonly place: ScanPlace | null;
  readonly scanned: number;
}

/** A checkpoint as it was found. */
export interface StoredCheckpoint extends Checkpoint {
  readonly revision: string;
  readonly savedAt: Date;
}

/** What can be said of the checkpoint without reading its figures. */
export interface CheckpointFacts {
  readonly savedAt: Date;
  readonly bytes: number;
  readonly complete: boolean;
  /** Whether this version of TaskTracker can use it. */
  readonly usable: boolean;
}

interface Manifest {
  readonly _id: string;
  readonly version: string;
  /** Names what was written together. */
  readonly revision: string;
  /** UUID of the collection that the figures are of; null where the server has none. */
  readonly collection: string | null;
  readonly savedAt: Date;
  readonly cursor: string;
  /** The cluster time in hexadecimal: later ones are greater. */
  readonly time: string;
  readonly complete: boolean;
  readonly place: { readonly kind: string; readonly id?: unknown } | null;
  readonly scanned: number;
  readonly size: number;
  /** The bytes where they fit; else null, and so many part documents hold them. */
  readonly bytes: mongo.Binary | null;
  readonly parts: number;
}

interface Part {
  readonly _id: string;
  readonly revision: string;
  readonly savedAt: Date;
  readonly bytes: mongo.Binary;
}

/** A manifest or a part. */
interface Saved {
  readonly _id: string;
  readonly [field: string]: unknown;
}

/** There is a checkpoint, but not one that can be gone on from. */
export class UnusableCheckpointError extends Error {
  override name = 'UnusableCheckpointError';

  /** @param revision of one that is of no use to anybody, and stands in the way of others */
  constructor(
    why: string,
    readonly revision: string | null,
  ) {
    super(why);
  }
}

/**
 * The checkpoint of one database, which any replica saves and loads. The manifest is replaced last and in one write, so
 * that what is found is always whole; it is never replaced by one of an earlier place, nor a complete one by one whose
 * scan is under way.
 */
export class Checkpoints {
  readonly #connection: Connection;
  readonly #collectionName: string;
  readonly #partBytes: number;

  /** @param collectionName the collection that the figures are of */
  constructor(connection: Connection, collectionName: string, partBytes = PART_BYTES) {
    this.#connection = connection;
    this.#collectionName = collectionName;
    this.#partBytes = partBytes;
  }

  /**
   * Whether the bytes are whole is for who reads them to find out.
   * @returns null where there is none
   * @throws UnusableCheckpointError for one of another version or collection, or that is not whole
   */
  async load(): Promise<StoredCheckpoint | null> {
    const manifest = (await this.#documents.findOne({ _id: MANIFEST_ID })) as unknown as Manifest | null;
    if (manifest === null) return null;
    const { version, collection, cursor, time, place, scanned, revision, savedAt } = manifest;
    if (version !== CHECKPOINT_VERSION) throw new UnusableCheckpointError(`it is of version ${String(version)}`, null);
    if (collection !== (await this.#collectionUuid())) throw new UnusableCheckpointError('the collection was replaced since', null);
    if (!isWhole(manifest)) throw new UnusableCheckpointError('it is damaged', revision);
    return { bytes: await this.#bytesOf(manifest), cursor, time: timeOf(time), place: place as ScanPlace | null, scanned, revision, savedAt };
  }

  /**
   * @returns the revision of what was saved; null where a checkpoint of a later place is there already, or a complete
   * one where this is not
   */
  async save({ bytes, cursor, time, place, scanned }: Checkpoint): Promise<string | null> {
    const revision = randomBytes(9).toString('base64url');
    const savedAt = new Date();
    const inline = bytes.length <= this.#partBytes;
    const parts: Part[] = [];
    for (let start = 0; !inline && start < bytes.length; start += this.#partBytes) {
      const part = new Binary(bytes.subarray(start, start + this.#partBytes));
      parts.push({ _id: `${MANIFEST_ID}/${revision}/${parts.length}`, revision, savedAt, bytes: part });
    }
    for (const part of parts) await this.#documents.insertOne({ ...part });
    const manifest: Manifest = {
      _id: MANIFEST_ID,
      version: CHECKPOINT_VERSION,
      revision,
      collection: await this.#collectionUuid(),
      savedAt,
      cursor,
      time: textOf(time),
      complete: place === null,
      place,
      scanned,
      size: bytes.length,
      bytes: inline ? new Binary(bytes) : null,
      parts: parts.length,
    };
    const saved = await this.#replace(manifest);
    await this.#removeStrayParts(saved ? null : revision, savedAt);
    return saved ? revision : null;
  }

  /** Takes away a checkpoint that was found to be of no use, unless another has taken its place. */
  async discard(revision: string): Promise<void> {
    await this.#documents.deleteOne({ _id: MANIFEST_ID, revision });
  }

  async facts(): Promise<CheckpointFacts | null> {
    const found = await this.#documents.findOne({ _id: MANIFEST_ID }, { projection: { bytes: 0 } });
    if (found === null) return null;
    const { savedAt, size, complete, version, collection } = found as unknown as Manifest;
    return { savedAt, bytes: size, complete, usable: version === CHECKPOINT_VERSION && collection === (await this.#collectionUuid()) };
  }

  async #replace(manifest: Manifest): Promise<boolean> {
    const { version, collection, complete, time } = manifest;
    const isOutdone = [
      { version: { $ne: version } },
      { collection: { $ne: collection } },
      { complete: false, ...(!complete && { time: { $lte: time } }) },
      ...(complete ? [{ complete: true, time: { $lte: time } }] : []),
    ];
    try {
      const { _id, ...rest } = manifest;
      await this.#documents.replaceOne({ _id, $or: isOutdone }, rest, { upsert: true });
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code === DUPLICATE_KEY) return false;
      throw error;
    }
  }

  async #bytesOf({ bytes, parts, revision }: Manifest): Promise<Uint8Array> {
    if (bytes !== null) return bytes.buffer.subarray(0, bytes.position);
    const found: Uint8Array[] = [];
    for (let index = 0; index < parts; index += 1) {
      const part = (await this.#documents.findOne({ _id: `${MANIFEST_ID}/${revision}/${index}` })) as unknown as Part | null;
      if (part === null) throw new UnusableCheckpointError('a part of it is missing', revision);
      found.push(part.bytes.buffer.subarray(0, part.bytes.position));
    }
    return Buffer.concat(found);
  }

  /** Parts of what was replaced, and of saves that came to nothing. */
  async #removeStrayParts(mine: string | null, savedAt: Date): Promise<void> {
    const manifest = (await this.#documents.findOne({ _id: MANIFEST_ID }, { projection: { revision: 1 } })) as unknown as Manifest | null;
    const stray = [
      { savedAt: { $lt: new Date(savedAt.getTime() - STRAY_PART_MS) }, revision: { $ne: manifest?.revision ?? '' } },
      ...(mine === null ? [] : [{ revision: mine }]),
    ];
    await this.#documents.deleteMany({ _id: { $ne: MANIFEST_ID }, $or: stray });
  }

  async #collectionUuid(): Promise<string | null> {
    const [found] = await this.#database.listCollections({ name: this.#collectionName }).toArray();
    const info = found !== undefined && 'info' in found ? found.info : undefined;
    return info?.uuid === undefined ? null : String(info.uuid);
  }

  get #database(): mongo.Db {
    if (this.#connection.db === undefined) throw new Error('the connection is not open');
    return this.#connection.db as unknown as mongo.Db;
  }

  get #documents(): mongo.Collection<Saved> {
    return this.#database.collection<Saved>(CHECKPOINT_COLLECTION);
  }
}

function isWhole({ cursor, time, scanned, bytes, parts, revision }: Manifest): boolean {
  const texts: readonly unknown[] = [cursor, time, revision];
  const held: unknown = bytes;
  return texts.every((text) => typeof text === 'string') && Number.isInteger(scanned) && Number.isInteger(parts) && (held === null || held instanceof Binary);
}

function textOf(time: ClusterTime | null): string {
  return [time?.t ?? 0, time?.i ?? 0].map((part) => part.toString(16).padStart(8, '0')).join('');
}

function timeOf(text: string): ClusterTime | null {
  const t = Number.parseInt(text.slice(0, 8), 16);
  return t === 0 ? null : { t, i: Number.parseInt(text.slice(8), 16) };
}
