import type { mongo } from 'mongoose';

import type { StoredDocument } from '../model/execution.js';
import type { ClusterTime } from './cursor.js';
import { nextChange } from './next-change.js';

/** A change as the database reports it; only what the feed reads. */
export interface RawChange {
  readonly _id: { readonly _data: string };
  readonly operationType: string;
  readonly clusterTime?: { readonly t: number; readonly i: number } | undefined;
  readonly wallTime?: Date | undefined;
  readonly documentKey?: { readonly _id: unknown } | undefined;
  readonly fullDocument?: StoredDocument | null | undefined;
  readonly fullDocumentBeforeChange?: StoredDocument | null | undefined;
  readonly updateDescription?: UpdateDescription | undefined;
}

export interface UpdateDescription {
  readonly updatedFields?: Readonly<Record<string, unknown>> | undefined;
  readonly removedFields?: readonly string[] | undefined;
  readonly truncatedArrays?: readonly { readonly field: string; readonly newSize: number }[] | undefined;
}

/** Told of what a live stream does. */
export interface StreamHooks {
  /** The database is asked for changes. */
  readonly onAsked: () => void;
  /** It has answered that there are none. */
  readonly onEmpty: () => void;
}

/** An open change stream that waits for what comes. */
export interface LiveHandle {
  /** The next change; waits for it. Rejects when the stream breaks or is closed. */
  next(): Promise<RawChange>;
  /** Resume token of the place reached: behind every change that `next` has returned. */
  readonly token: string | null;
  /** `performance.now()` of the last answer of the database, an empty one included. */
  readonly lastAnswerAt: number;
  close(): Promise<void>;
}

/** An open change stream that reads what has been, up to its end. */
export interface ReplayHandle {
  /** The next change, or null when the database has none for now. Rejects when the token is not usable. */
  tryNext(): Promise<RawChange | null>;
  close(): Promise<void>;
}

/** Where changes come from. The one implementation for production is MongoChangeSource; benchmarks feed from memory. */
export interface ChangeSource {
  /**
   * Resolves when the stream stands: every change committed after that is delivered.
   * @param from resume token to go on behind; null: from now
   */
  open(from: string | null, hooks?: StreamHooks): Promise<LiveHandle>;
  /** Opens a stream of its own for one subscriber that is behind what memory holds. */
  replay(from: string): ReplayHandle;
  /** The document as it is now. */
  lookup(documentId: unknown): Promise<StoredDocument | null>;
  /** A time before which everything that is committed now was. Null where the database does not say. */
  now?(): Promise<ClusterTime | null>;
  /** Since when no server of the database can be reached (`performance.now()`); null while one can. */
  unreachableSince?(): number | null;
}

/** How long the database may hold back an empty answer, in ms. Each answer refreshes the resume token. */
const LIVE_AWAIT_MS = 250;
const REPLAY_AWAIT_MS = 50;

class MongoLiveHandle implements LiveHandle {
  lastAnswerAt = performance.now();
  #first: Promise<RawChange> | null;

  private constructor(
    readonly stream: mongo.ChangeStream,
    readonly hooks: StreamHooks,
  ) {
    stream.on('resumeTokenChanged', () => {
      this.lastAnswerAt = performance.now();
    });
    this.#first = this.#read();
  }

  static async open(stream: mongo.ChangeStream, hooks: StreamHooks): Promise<MongoLiveHandle> {
    // The command that opens the stream goes out with the first read; its answer carries the first resume token.
    const stands = new Promise<void>((resolve) => stream.once('resumeTokenChanged', () => resolve()));
    const handle = new MongoLiveHandle(stream, hooks);
    const first = handle.#first as Promise<RawChange>;
    try {
      await Promise.race([stands, first]);
    } catch (error) {
      await stream.close();
      throw error;
    }
    first.catch(() => undefined);
    return handle;
  }

  get token(): string | null {
    const token = this.stream.resumeToken as { _data?: unknown } | null | undefined;
    return typeof token?._data === 'string' ? token._data : null;
  }

  next(): Promise<RawChange> {
    const first = this.#first;
    if (first === null) return this.#read();
    this.#first = null;
    return first;
  }

  async #read(): Promise<RawChange> {
    for (;;) {
      if (this.stream.bufferedCount() === 0) this.hooks.onAsked();
      const change = (await nextChange(this.stream)) as unknown as RawChange | null;
      if (change !== null) return change;
      this.hooks.onEmpty();
    }
  }

  async close(): Promise<void> {
    await this.stream.close();
  }
}

export interface MongoChangeSourceOptions {
  readonly collection: mongo.Collection;
  /**
   * Called before a stream is opened from now, so also after the collection was dropped: makes pre-images available
   * and says whether they are.
   */
  readonly preparePreImages: () => Promise<boolean>;
  /** How long the database may hold back an empty answer to the live stream, in ms. Default 250. */
  readonly maxAwaitMs?: number;
  /** The database's time (`operationTime` of an answer). Without it, only a stream that is quiet for a moment is known to be up to date. */
  readonly now?: () => Promise<ClusterTime | null>;
  /** As of ChangeSource. Without it, a database that is away is known by its silence. */
  readonly unreachableSince?: () => number | null;
}

const NO_HOOKS: StreamHooks = { onAsked: () => undefined, onEmpty: () => undefined };

/**
 * One change stream on the collection, with a constant empty pipeline: filters run in process, since a `$match` that
 * excludes the resume point breaks resuming.
 *
 * With pre-images the database sends the document before each update, and the feed computes the document after it from
 * the change itself: exact, without asking for post-images or a lookup. Without them the database looks the document
 * up (`updateLookup`).
 */
export class MongoChangeSource implements ChangeSource {
  readonly #collection: mongo.Collection;
  readonly #preparePreImages: () => Promise<boolean>;
  readonly #maxAwaitMs: number;
  readonly #now: () => Promise<ClusterTime | null>;
  readonly #unreachableSince: () => number | null;
  #preImages: boolean | null = null;

  constructor(options: MongoChangeSourceOptions) {
    this.#collection = options.collection;
    this.#preparePreImages = options.preparePreImages;
    this.#maxAwaitMs = options.maxAwaitMs ?? LIVE_AWAIT_MS;
    this.#now = options.now ?? (() => Promise.resolve(null));
    this.#unreachableSince = options.unreachableSince ?? (() => null);
  }

  /** Whether changes carry the document before them; null until the first stream was opened. */
  get preImages(): boolean | null {
    return this.#preImages;
  }

  async open(from: string | null, hooks: StreamHooks = NO_HOOKS): Promise<LiveHandle> {
    if (from === null || this.#preImages === null) this.#preImages = await this.#preparePreImages();
    return MongoLiveHandle.open(this.#watch(from, this.#maxAwaitMs), hooks);
  }

  replay(from: string): ReplayHandle {
    const stream = this.#watch(from, REPLAY_AWAIT_MS);
    return {
      tryNext: async () => (await stream.tryNext()) as unknown as RawChange | null,
      close: () => stream.close(),
    };
  }

  #watch(from: string | null, maxAwaitTimeMS: number): mongo.ChangeStream {
    return this.#collection.watch([], {
      maxAwaitTimeMS,
      ...(from === null ? {} : { resumeAfter: { _data: from } }),
      ...(this.#preImages ? { fullDocumentBeforeChange: 'whenAvailable' } : { fullDocument: 'updateLookup' }),
    });
  }

  async lookup(documentId: unknown): Promise<StoredDocument | null> {
    return this.#collection.findOne({ _id: documentId as mongo.ObjectId });
  }

  now(): Promise<ClusterTime | null> {
    return this.#now();
  }

  unreachableSince(): number | null {
    return this.#unreachableSince();
  }
}
