import mongoose, { type mongo } from 'mongoose';

import type { ClusterTime } from '../feed/cursor.js';
import type { StoredDocument } from '../model/execution.js';
import { type Kind, kindOf } from '../queries/bson-order.js';
import type { FindOptions, StoredExecutions } from '../queries/executions.js';
import type { MongoFilter } from '../queries/filter-to-mongo.js';
import { COUNTED_FIELDS } from './counted.js';
import { isLaterKind, pastKind, SCAN_END, SCAN_START, type ScanPlace } from './scan-place.js';

const { Binary, MaxKey, MinKey, ObjectId, Timestamp } = mongoose.mongo.BSON;

/** The ids of a kind: comparisons of MongoDB stay within it. Kinds that no `_id` may have are not here. */
const OF_KIND: Readonly<Partial<Record<Kind, MongoFilter>>> = {
  minKey: { $eq: new MinKey() },
  null: { $eq: null },
  number: { $type: 'number' },
  string: { $gte: '' },
  object: { $gte: {} },
  binary: { $gte: new Binary(new Uint8Array(0)) },
  objectId: { $gte: new ObjectId('000000000000000000000000') },
  boolean: { $gte: false },
  date: { $type: 'date' },
  timestamp: { $gte: new Timestamp({ t: 0, i: 0 }) },
  code: { $type: ['javascript', 'javascriptWithScope', 'dbPointer'] },
  maxKey: { $eq: new MaxKey() },
};

/** Ids of these kinds are read at once: they are one at most, or cannot be compared. */
const UNDIVIDED = new Set<Kind>(['minKey', 'null', 'code', 'maxKey']);

export interface Chunk {
  /** In the order of their ids: all there are up to `upTo`. */
  readonly documents: readonly StoredDocument[];
  readonly upTo: ScanPlace;
  /** What the database said its time was when it had read; null where it does not say. */
  readonly until: ClusterTime | null;
}

/** Walks the collection by `_id`, whatever types the ids have, a chunk at a time. */
export class ScanReader {
  readonly #executions: StoredExecutions;

  constructor(executions: StoredExecutions) {
    this.#executions = executions;
  }

  /** About how many documents there are. */
  async expected(): Promise<number> {
    return this.#executions.estimatedCount();
  }

  /** The documents behind a place, at most `limit` of them: as a majority has acknowledged them, when the primary reads them. */
  async read(from: ScanPlace, limit: number): Promise<Chunk> {
    return this.#executions.withSession(async (session) => {
      let place = isStart(from) ? await this.#start(session) : from;
      let documents: StoredDocument[] = [];
      while (place.kind !== 'end' && documents.length === 0) {
        const { kind } = place;
        const divided = !UNDIVIDED.has(kind);
        documents = await this.#find(filterBehind(place), session, { limit: divided ? limit : 0 });
        if (divided && documents.length === limit) place = { kind, id: documents.at(-1)?.['_id'] };
        else place = await this.#nextKind(kind, session);
      }
      const time = session.operationTime;
      return { documents, upTo: place, until: time === undefined ? null : { t: time.t, i: time.i } };
    });
  }

  async #start(session: mongo.ClientSession): Promise<ScanPlace> {
    const [first] = await this.#find({}, session, { limit: 1, projection: { _id: 1 } });
    return first === undefined ? SCAN_END : { kind: kindOf(first['_id']) };
  }

  /** Past a kind: at the end where the last id of all is of no later kind. */
  async #nextKind(kind: Kind, session: mongo.ClientSession): Promise<ScanPlace> {
    const [last] = await this.#find({}, session, { limit: 1, projection: { _id: 1 }, sort: { _id: -1 } });
    return last === undefined || !isLaterKind(kindOf(last['_id']), kind) ? SCAN_END : pastKind(kind);
  }

  async #find(filter: MongoFilter, session: mongo.ClientSession, options: FindOptions & { limit: number }): Promise<StoredDocument[]> {
    return this.#executions.find(filter, { sort: { _id: 1 }, projection: COUNTED_FIELDS, acknowledged: true, session, ...options });
  }
}

function isStart({ kind, id }: ScanPlace): boolean {
  return kind === SCAN_START.kind && id === undefined;
}

function filterBehind({ kind, id }: ScanPlace): MongoFilter {
  const ofKind = OF_KIND[kind as Kind];
  if (ofKind === undefined) return { _id: { $in: [] } };
  if (id === undefined) return { _id: ofKind };
  // Nothing compares with NaN, which comes before all numbers.
  return { _id: kind === 'number' && String(id) === 'NaN' ? { $gte: Number.NEGATIVE_INFINITY } : { $gt: id } };
}
