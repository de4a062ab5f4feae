import type { Connection, mongo } from 'mongoose';

export const TARGETS_COLLECTION = 'task_tracker_operation_targets';

export const TARGETS_INDEXES = [
  { key: { operation: 1, part: 1 }, options: { name: 'operation_part', unique: true } },
  { key: { expireAt: 1 }, options: { name: 'expireAt', expireAfterSeconds: 0 } },
] as const;

/** Ids in one document. */
const PART = 1_000;
/** What an operation that never ended left is removed after this, in ms. */
const KEPT_MS = 30 * 24 * 60 * 60_000;

interface TargetsDocument {
  readonly operation: string;
  readonly part: number;
  readonly ids: readonly unknown[];
  readonly expireAt: Date;
}

/** Which executions an operation is about: their `_id`s, in the order in which it comes to them. */
export class OperationTargets {
  readonly #connection: Connection;
  /** The part that was read last: chunks are smaller. */
  readonly #last = new Map<string, { readonly part: number; readonly ids: readonly unknown[] }>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async write(operation: string, ids: readonly unknown[], now: Date): Promise<void> {
    const expireAt = new Date(now.getTime() + KEPT_MS);
    for (let part = 0; part * PART < ids.length; part += 1) {
      await this.#documents.insertOne({ operation, part, ids: ids.slice(part * PART, (part + 1) * PART), expireAt }, { writeConcern: { w: 'majority' } });
    }
  }

  /** At most `count` ids from a place in the list; fewer where a part ends. Null where the list is not all there. */
  async from(operation: string, place: number, count: number): Promise<readonly unknown[] | null> {
    const part = Math.floor(place / PART);
    let known = this.#last.get(operation);
    if (known?.part !== part) {
      const found = await this.#documents.findOne({ operation, part }, { readPreference: 'primary' });
      if (found === null) return null;
      known = { part, ids: found.ids };
      this.#last.set(operation, known);
    }
    const start = place - part * PART;
    return known.ids.slice(start, start + count);
  }

  async remove(operation: string): Promise<void> {
    this.#last.delete(operation);
    await this.#documents.deleteMany({ operation });
  }

  get #documents(): mongo.Collection<TargetsDocument> {
    if (this.#connection.db === undefined) throw new Error('the connection is not open');
    return this.#connection.db.collection(TARGETS_COLLECTION) as unknown as mongo.Collection<TargetsDocument>;
  }
}
