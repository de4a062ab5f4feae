import { randomBytes } from 'node:crypto';

import type { Connection } from 'mongoose';

import { helloOf } from './connect.js';
import { codeOf, databaseOf, enableImages, imagesEnabled } from './images.js';
import { existingIndexes, findIndex, nameOf, type IndexSpec } from './indexes.js';

/** One fact about the database in use. */
export interface Finding {
  readonly check: 'server' | 'change streams' | 'images' | 'transactions' | 'indexes' | 'deduplication';
  readonly ok: boolean;
  /** What was seen. */
  readonly detail: string;
  /** What to do, where something is lacking. */
  readonly remedy?: string;
}

export interface InspectOptions {
  /** The collection of executions. It is looked at and never written to. */
  readonly collection: string;
  /** Name of the unique index, among the expected ones, that refuses a second active execution of a task. */
  readonly deduplicationIndex: string;
}

const EVENT_TIMEOUT_MS = 5_000;
const SCAN_TIMEOUT_MS = 5_000;
const DUPLICATE_KEY = 11_000;

/**
 * What works on this database and what does not, found out by trying on a scratch collection of its own, which is
 * dropped at the end. Never throws for a shortfall: it is a finding.
 */
export async function inspectDatabase(
  connection: Connection,
  expectedIndexes: readonly IndexSpec[],
  options: InspectOptions,
): Promise<Finding[]> {
  const scratch = `tasktracker_probe_${randomBytes(6).toString('hex')}`;
  try {
    return [
      await finding('server', () => server(connection)),
      await finding('change streams', () => changeStreams(connection, scratch)),
      await finding('images', () => images(connection, scratch, options.collection)),
      await finding('transactions', () => transactions(connection, scratch)),
      await finding('indexes', () => indexes(connection, expectedIndexes, options.collection)),
      await finding('deduplication', () => deduplication(connection, scratch, expectedIndexes, options)),
    ];
  } finally {
    await databaseOf(connection)
      .collection(scratch)
      .drop()
      .catch(() => undefined);
  }
}

type Fact = Omit<Finding, 'check'>;

async function finding(check: Finding['check'], find: () => Promise<Fact>): Promise<Finding> {
  try {
    return { check, ...(await find()) };
  } catch (error) {
    return {
      check,
      ok: false,
      detail: `could not be found out: ${(error as Error).message}`,
      remedy: 'Give the database user the readWrite and dbAdmin roles on this database, then try again.',
    };
  }
}

async function server(connection: Connection): Promise<Fact> {
  const { topology, setName } = await helloOf(connection);
  const build = await databaseOf(connection).command({ buildInfo: 1 });
  const version = String(build['version']);
  const seen = `MongoDB ${version}, ${topology}${setName === undefined ? '' : ` "${setName}"`}`;
  if (Number.parseInt(version, 10) >= 6) return { ok: true, detail: seen };
  return { ok: false, detail: seen, remedy: 'Upgrade to MongoDB 6.0 or later: images and the deduplication index need it.' };
}

/** Opens a stream on the scratch collection, writes to it, and waits for the event. */
async function changeStreams(connection: Connection, scratch: string): Promise<Fact> {
  const collection = databaseOf(connection).collection<{ probe: number }>(scratch);
  const stream = collection.watch([], { maxAwaitTimeMS: 100 });
  try {
    // The first look opens the cursor: what is written after it is seen.
    await stream.tryNext();
    const writtenAt = performance.now();
    await collection.insertOne({ probe: 1 });
    while (performance.now() - writtenAt < EVENT_TIMEOUT_MS) {
      if ((await stream.tryNext()) !== null) {
        return { ok: true, detail: `an event arrived ${(performance.now() - writtenAt).toFixed(0)} ms after the write` };
      }
    }
    return {
      ok: false,
      detail: `no event arrived within ${EVENT_TIMEOUT_MS / 1000} s of a write`,
      remedy: 'Check that a majority of the replica set is up: change streams show only what a majority has acknowledged.',
    };
  } catch (error) {
    return {
      ok: false,
      detail: (error as Error).message,
      remedy: 'Change streams need a replica set (rs.initiate() on a single server is enough) and the read role on this database.',
    };
  } finally {
    await stream.close();
  }
}

async function images(connection: Connection, scratch: string, collection: string): Promise<Fact> {
  const enabled = await imagesEnabled(connection, collection);
  if (enabled === true) return { ok: true, detail: `${collection} keeps documents as they were before and after each change` };
  const possible = await enableImages(connection, scratch);
  const detail = enabled === undefined ? `${collection} does not exist yet` : `${collection} keeps no images of changed documents`;
  if (typeof possible === 'string') {
    return { ok: false, detail, remedy: 'Start the server once: it turns them on. The database user may do it.' };
  }
  return {
    ok: false,
    detail: `${detail}, and they cannot be turned on: ${possible.unavailable}`,
    remedy:
      'Give the user the collMod action (role dbAdmin) on MongoDB 6.0 or later. Without images, events lack the previous status, ' +
      'and documents are looked up after the change.',
  };
}

async function transactions(connection: Connection, scratch: string): Promise<Fact> {
  const collection = databaseOf(connection).collection<{ transaction: string }>(scratch);
  const session = connection.getClient().startSession();
  try {
    await session.withTransaction(async () => {
      await collection.insertOne({ transaction: 'committed' }, { session });
      await collection.insertOne({ transaction: 'committed' }, { session });
    });
    session.startTransaction();
    await collection.insertOne({ transaction: 'aborted' }, { session });
    await session.abortTransaction();
    const committed = await collection.countDocuments({ transaction: 'committed' });
    const aborted = await collection.countDocuments({ transaction: 'aborted' });
    const ok = committed === 2 && aborted === 0;
    const detail = ok ? 'a transaction was committed, another rolled back' : 'a transaction was not atomic';
    return ok ? { ok, detail } : { ok, detail, remedy: 'Use a MongoDB replica set.' };
  } catch (error) {
    return {
      ok: false,
      detail: (error as Error).message,
      remedy: 'Transactions need a replica set. Without them a dead-lettered task cannot be retried.',
    };
  } finally {
    await session.endSession();
  }
}

async function indexes(connection: Connection, expected: readonly IndexSpec[], collection: string): Promise<Fact> {
  const existing = await existingIndexes(connection, collection);
  const missing = expected.filter((spec) => findIndex(existing, spec) === undefined).map(nameOf);
  if (missing.length === 0) return { ok: true, detail: `all ${expected.length} are there` };
  return {
    ok: false,
    detail: `${missing.length} of ${expected.length} are missing: ${missing.join(', ')}`,
    remedy: "Start the server: it builds them. (The original model's syncIndexes() drops those named tasktracker_*; use createIndexes() there.)",
  };
}

/** Whether the index is there, and whether this server enforces one like it. */
async function deduplication(
  connection: Connection,
  scratch: string,
  expected: readonly IndexSpec[],
  { collection, deduplicationIndex }: InspectOptions,
): Promise<Fact> {
  const spec = expected.find((candidate) => nameOf(candidate) === deduplicationIndex);
  if (spec === undefined) throw new Error(`${deduplicationIndex} is not among the expected indexes`);
  const enforced = await enforces(connection, scratch, spec);
  if (enforced !== true) {
    return {
      ok: false,
      detail: `this server does not enforce such an index: ${enforced}`,
      remedy: 'Use MongoDB 6.0 or later. Until then a second active execution of a task is only checked for before it is inserted.',
    };
  }
  if (findIndex(await existingIndexes(connection, collection), spec) !== undefined) {
    return { ok: true, detail: `${deduplicationIndex} refuses a second active execution of a task` };
  }
  const duplicated = await duplicatedTasks(connection, collection);
  return {
    ok: false,
    detail: `${deduplicationIndex} is missing${duplicated === 0 ? '' : `, and ${duplicated} tasks have more than one active execution`}`,
    remedy:
      duplicated === 0
        ? 'Start the server: it builds the index.'
        : 'Complete, fail or archive the superfluous executions of those tasks, then start the server again: it builds the index.',
  };
}

async function enforces(connection: Connection, scratch: string, spec: IndexSpec): Promise<true | string> {
  const collection = databaseOf(connection).collection<{ taskId: string; status: string }>(scratch);
  try {
    await collection.createIndex(spec.key as Record<string, 1>, { ...spec.options } as { unique: boolean });
    await collection.insertOne({ taskId: 'probe', status: 'completed' });
    await collection.insertOne({ taskId: 'probe', status: 'completed' });
    await collection.insertOne({ taskId: 'probe', status: 'queued' });
  } catch (error) {
    return (error as Error).message;
  }
  try {
    await collection.insertOne({ taskId: 'probe', status: 'processing' });
    return 'two active executions of one task were accepted';
  } catch (error) {
    return codeOf(error) === DUPLICATE_KEY ? true : (error as Error).message;
  }
}

async function duplicatedTasks(connection: Connection, collection: string): Promise<number> {
  const [found] = await databaseOf(connection)
    .collection(collection)
    .aggregate<{ tasks: number }>(
      [
        { $match: { status: { $in: ['queued', 'processing'] } } },
        { $group: { _id: '$taskId', active: { $sum: 1 } } },
        { $match: { active: { $gt: 1 } } },
        { $group: { _id: null, tasks: { $sum: 1 } } },
      ],
      { maxTimeMS: SCAN_TIMEOUT_MS },
    )
    .toArray();
  return found?.tasks ?? 0;
}
