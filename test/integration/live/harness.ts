import fc from 'fast-check';
import { expect } from 'vitest';

import { CursorCodec } from '../../../src/feed/cursor.js';
import type { RunningFeed } from '../../../src/feed/feed.js';
import { createLiveLists } from '../../../src/live/live-lists.js';
import type { ListChange, ListRequest, LiveLists } from '../../../src/live/types.js';
import type { Execution } from '../../../src/model/execution.js';
import { createTaskTrackerModel, type TaskTrackerModel } from '../../../src/model/task-tracker.js';
import { createTaskQueries } from '../../../src/queries/task-queries.js';
import type { TaskQueries } from '../../../src/queries/types.js';
import { type FreshDatabase, freshDatabase } from '../../support/database.js';
import { feedOn, type TestFeedOptions } from '../../support/feed.js';
import { foldTaskList } from '../../support/fold-task-list.js';
import { buildLooseIndexes, type Document, nameOfId } from '../queries/strange-documents.js';

/** A document that is there in every run: a write of it marks a place in the feed. */
export const MARKER = 'marker';

export interface LiveHarness extends AsyncDisposable {
  readonly database: FreshDatabase;
  readonly model: TaskTrackerModel;
  readonly feed: RunningFeed;
  readonly queries: TaskQueries;
  readonly lists: LiveLists;
  /** How many reads there were of rows behind a list. */
  readonly refills: () => number;
  /** A client of a list, which folds what it is sent. */
  watch(request: ListRequest): LiveClient;
  /** Resolves when every client's list is right as of all writes before. Nobody may write meanwhile. */
  quiet(clients: readonly LiveClient[]): Promise<void>;
}

/** Folds the changes of a list as the guide tells clients to. */
export class LiveClient {
  list: readonly Execution[] = [];
  readonly kinds: string[] = [];
  failure: unknown = null;
  /** Number of the feed's event as of which the list is known to be right. */
  #rightAsOf = -1;
  readonly #waiting = new Set<() => void>();
  readonly #changes: AsyncIterableIterator<ListChange>;

  constructor(
    readonly request: ListRequest,
    lists: LiveLists,
    readonly codec: CursorCodec,
  ) {
    this.#changes = lists.open(request);
    void this.#follow();
  }

  async #follow(): Promise<void> {
    try {
      for await (const change of this.#changes) {
        this.kinds.push(change.kind);
        this.list = foldTaskList(this.list, change);
        expect(this.list.length).toBeLessThanOrEqual(this.request.first);
        if (change.kind === 'BOOKMARK') this.#rightAsOf = this.codec.decode(change.cursor).seq;
        for (const tell of this.#waiting) tell();
      }
    } catch (error) {
      this.failure = error;
    }
    for (const tell of this.#waiting) tell();
  }

  /** Resolves when the condition holds; it is asked after each change. Rejects when the list ends. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const ask = (): void => {
        if (condition()) resolve();
        else if (this.failure !== null) reject(this.failure as Error);
        else return;
        this.#waiting.delete(ask);
      };
      this.#waiting.add(ask);
      ask();
    });
  }

  rightAsOf(seq: number): Promise<void> {
    return this.until(() => this.#rightAsOf >= seq);
  }

  async leave(): Promise<void> {
    await this.#changes.return?.();
  }
}

export async function liveHarness(options: TestFeedOptions = {}): Promise<LiveHarness> {
  const database = await freshDatabase();
  const model = createTaskTrackerModel(database.connection);
  await buildLooseIndexes(model);
  const feed = await feedOn(database.connection, { bookmarkIntervalMs: 20, ...options });
  const queries = createTaskQueries({ model });
  let refills = 0;
  const counted = (source: TaskQueries): Pick<TaskQueries, 'slice' | 'within'> => ({
    slice(request) {
      if (request.behind !== null) refills += 1;
      return source.slice(request);
    },
    within: (scope) => source.within(scope),
  });
  const lists = createLiveLists({ feed, queries: counted(queries), isTransient: () => false, leastReserve: 2 });
  const codec = new CursorCodec(`${database.name}.task_trackers`);
  let marks = 0;
  return {
    database,
    model,
    feed,
    queries,
    lists,
    refills: () => refills,
    watch: (request) => new LiveClient(request, lists, codec),
    async quiet(clients) {
      marks += 1;
      const witness = feed.subscribe({ accepts: ({ task }) => task?.stored['mark'] === marks, bookmarks: false });
      await model.collection.updateOne({ _id: MARKER } as never, { $set: { mark: marks } }, { upsert: true });
      const { value } = await witness.next();
      await witness.return?.();
      const { seq } = codec.decode((value as { cursor: string }).cursor);
      await Promise.all(clients.map((client) => client.rightAsOf(seq)));
    },
    async [Symbol.asyncDispose]() {
      await feed.close();
      await database.close();
    },
  };
}

/** The list of a client is what a fresh read says, row for row. */
export async function expectRight({ queries }: LiveHarness, client: LiveClient): Promise<void> {
  const page = await queries.page(client.request);
  const fresh = page.edges.map(({ node }) => node);
  expect(client.list.map(({ _id }) => nameOfId(_id)), JSON.stringify(client.request)).toEqual(fresh.map(({ _id }) => nameOfId(_id)));
  expect(client.list.map(({ stored }) => stored)).toEqual(fresh.map(({ stored }) => stored));
}

export type Write =
  | { readonly kind: 'put'; readonly id: number; readonly document: Document }
  | { readonly kind: 'set'; readonly id: number; readonly document: Document }
  | { readonly kind: 'unset'; readonly id: number; readonly fields: readonly string[] }
  | { readonly kind: 'remove'; readonly id: number };

export const FIELDS = ['enqueuedAt', 'updatedAt', 'failedAt', 'processingStartedAt', 'status', 'queueName', 'retryCount', 'metadata', 'taskId'] as const;

/** Writes as old tools make them: past every schema. `documents` are where values come from. */
export function writes(documents: fc.Arbitrary<Document>, ids: number): fc.Arbitrary<Write> {
  const id = fc.integer({ min: 0, max: ids - 1 });
  const fields = fc.uniqueArray(fc.constantFrom(...FIELDS), { minLength: 1, maxLength: 3 });
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('put' as const), id, document: documents }) },
    {
      weight: 6,
      arbitrary: fc.tuple(id, documents, fields).map(([of, document, names]) => ({
        kind: 'set' as const,
        id: of,
        document: Object.fromEntries(Object.entries(document).filter(([name]) => (names as readonly string[]).includes(name))),
      })),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('unset' as const), id, fields }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), id }) },
  );
}

/** MongoDB indexes no document that has lists in two fields of one index. */
const PARALLEL_LISTS = 171;

export async function perform(model: TaskTrackerModel, ids: readonly unknown[], write: Write): Promise<void> {
  try {
    await performOn(model, ids, write);
  } catch (error) {
    if ((error as { code?: unknown }).code !== PARALLEL_LISTS) throw error;
  }
}

async function performOn(model: TaskTrackerModel, ids: readonly unknown[], write: Write): Promise<void> {
  const which = { _id: ids[write.id] } as never;
  switch (write.kind) {
    case 'put':
      await model.collection.replaceOne(which, { ...write.document } as never, { upsert: true, ignoreUndefined: true });
      return;
    case 'set':
      if (Object.values(write.document).some((value) => value !== undefined)) await model.collection.updateOne(which, { $set: write.document }, { ignoreUndefined: true });
      return;
    case 'unset':
      await model.collection.updateOne(which, { $unset: Object.fromEntries(write.fields.map((field) => [field, ''])) });
      return;
    case 'remove':
      await model.collection.deleteOne(which);
  }
}
