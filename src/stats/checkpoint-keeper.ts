import type { Logger } from 'pino';

import { type Checkpoint, type Checkpoints, type StoredCheckpoint, UnusableCheckpointError } from './checkpoint.js';

/** A resume token grows old where nothing changes: the checkpoint is saved anew before the database forgets it. */
const REFRESH_MS = 60 * 60_000;

/** What can be saved now. */
export interface Savable {
  /** Differs whenever the figures do. */
  readonly changes: number;
  /** Taken in one turn, so that the place belongs to the figures; null where they are not fit to be saved at the moment. */
  take(): (Omit<Checkpoint, 'bytes'> & { readonly bytes: Promise<Uint8Array> }) | null;
}

/** Loads the checkpoint, saves it when there is something new, and takes away one that is of no use. */
export class CheckpointKeeper {
  readonly #checkpoints: Checkpoints;
  readonly #log: Logger;
  /** The one that was saved here last, or gone on from. */
  #revision: string | null = null;
  #saving: Promise<void> | null = null;
  #saved = { changes: -1, at: 0 };
  #lastSavedAt: Date | null = null;

  constructor(checkpoints: Checkpoints, log: Logger) {
    this.#checkpoints = checkpoints;
    this.#log = log;
  }

  get lastSavedAt(): Date | null {
    return this.#lastSavedAt;
  }

  /** @returns null where there is none that can be used. @throws the driver's error where that cannot be found out */
  async load(): Promise<StoredCheckpoint | null> {
    try {
      const found = await this.#checkpoints.load();
      this.#revision = found?.revision ?? null;
      return found;
    } catch (error) {
      if (!(error instanceof UnusableCheckpointError)) throw error;
      this.#log.info({ reason: error.message }, 'statistics: the checkpoint is passed over');
      this.#revision = error.revision;
      await this.discard();
      return null;
    }
  }

  /** Takes away the checkpoint that was saved here last, or gone on from. */
  async discard(): Promise<void> {
    const revision = this.#revision;
    this.#revision = null;
    this.#saved = { changes: -1, at: 0 };
    if (revision === null) return;
    await this.#checkpoints.discard(revision).catch((error: unknown) => {
      this.#log.warn({ err: error }, 'statistics: a checkpoint of no use could not be taken away');
    });
  }

  /** Saves what is new, if anything. One at a time: a second call waits for the first. Never rejects. */
  async save(savable: Savable): Promise<void> {
    while (this.#saving !== null) await this.#saving;
    this.#saving = this.#saveNow(savable)
      .catch((error: unknown) => this.#log.warn({ err: error }, 'statistics: the checkpoint could not be saved'))
      .finally(() => {
        this.#saving = null;
      });
    await this.#saving;
  }

  async #saveNow(savable: Savable): Promise<void> {
    const { changes } = savable;
    const now = performance.now();
    if (changes === this.#saved.changes && now - this.#saved.at < REFRESH_MS) return;
    const taken = savable.take();
    if (taken === null) return;
    const bytes = await taken.bytes;
    const revision = await this.#checkpoints.save({ ...taken, bytes });
    this.#saved = { changes, at: now };
    if (revision === null) return;
    this.#revision = revision;
    this.#lastSavedAt = new Date();
    this.#log.debug({ bytes: bytes.length, complete: taken.place === null }, 'statistics: checkpoint saved');
  }
}
