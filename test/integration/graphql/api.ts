import { createSourceEventStream, execute, type ExecutionResult, type GraphQLError, type GraphQLFormattedError, parse, specifiedRules, validate } from 'graphql';
import type { Logger } from 'pino';

import { NO_ALERTS } from '../../../src/alerts/engine.js';
import { ANONYMOUS, type Caller } from '../../../src/access/caller.js';
import { prepareOwnCollections } from '../../../src/app/own-collections.js';
import { createAuditLog } from '../../../src/audit/audit-log.js';
import { ensureIndexes, indexSpecsOf } from '../../../src/database/indexes.js';
import type { RunningFeed } from '../../../src/feed/feed.js';
import type { Services } from '../../../src/graphql/context.js';
import { isDatabaseUnavailable } from '../../../src/graphql/errors.js';
import { createSurface, type TaskTrackerSurface } from '../../../src/graphql/surface.js';
import { createLifecycle } from '../../../src/lifecycle/lifecycle.js';
import { createLiveLists } from '../../../src/live/live-lists.js';
import { COLLECTION_NAME, createTaskTrackerModel, type TaskTrackerModel } from '../../../src/model/task-tracker.js';
import { createBulkOperations } from '../../../src/operations/bulk.js';
import { createTaskQueries } from '../../../src/queries/task-queries.js';
import { createStatistics } from '../../../src/stats/statistics.js';
import { freshDatabase, silentLogger } from '../../support/database.js';
import { feedOn, stored, type TestFeedOptions } from '../../support/feed.js';

type Variables = Record<string, unknown>;

export interface Answer {
  readonly data: unknown;
  readonly errors: readonly GraphQLFormattedError[] | undefined;
}

export interface Subscription extends AsyncDisposable {
  /** The next result; fails the test when the subscription has completed. */
  next(): Promise<Answer>;
  /** Ends it, as a client that unsubscribes. */
  end(): Promise<void>;
  /** True where the subscription completes instead of sending another result. */
  completed(): Promise<boolean>;
}

export interface Api extends AsyncDisposable {
  readonly surface: TaskTrackerSurface;
  readonly services: Services;
  readonly feed: RunningFeed;
  readonly model: TaskTrackerModel;
  /** Names of the reads sent to the database since the last call. */
  readsSince(): string[];
  /** Executes as a transport does: limits, a context of its own, errors as a client sees them. */
  run(source: string, variables?: Variables): Promise<Answer>;
  /** `run`, for an answer that must have no errors. */
  data(source: string, variables?: Variables): Promise<unknown>;
  /** Subscribed when it resolves. Rejects with the errors that a client would be sent instead. */
  subscribe(source: string, variables?: Variables): Promise<Subscription>;
  /** Puts a document in past any schema. */
  insert(executionId: string, fields?: Record<string, unknown>): Promise<void>;
}

export class RefusedSubscription extends Error {
  constructor(readonly errors: readonly GraphQLFormattedError[]) {
    super(errors.map(({ message }) => message).join('; '));
  }
}

/** What stands at a path of an answer. */
export function at<T = string>(data: unknown, ...path: readonly (string | number)[]): T {
  return path.reduce((value, key) => (value as Readonly<Record<string | number, unknown>>)[key], data) as T;
}

/** The change stream's own reads wait this long in the database, in ms; no other read does. */
const STREAM_AWAIT_MS = 250;
const READS = new Set(['find', 'aggregate', 'getMore', 'count', 'distinct']);

/** The real parts on a database of their own, under the schema. */
export async function startApi(options: { feed?: TestFeedOptions; services?: Partial<Services>; log?: Logger; figuresInMemory?: boolean; caller?: Caller } = {}): Promise<Api> {
  const { caller = ANONYMOUS } = options;
  const log = options.log ?? silentLogger();
  const database = await freshDatabase({ monitorCommands: true });
  const model = createTaskTrackerModel(database.connection);
  await ensureIndexes(database.connection, COLLECTION_NAME, indexSpecsOf(model.schema));
  const feed = await feedOn(database.connection, options.feed);
  const queries = createTaskQueries({ model });
  const preImages = { kept: () => true, enable: () => Promise.resolve(true) };
  const statistics = createStatistics({ model, feed, log, ...(options.figuresInMemory === true && { stream: { preImages } }) });
  statistics.start();
  await prepareOwnCollections(database.connection, { auditDays: 90 }, log);
  const audit = createAuditLog({ connection: database.connection, log });
  const moves = { model, deduplication: () => 'index' as const, audit, log };
  const limits = { defaultLimit: 50, maxLimit: 100 };
  const bulk = createBulkOperations({ ...moves, connection: database.connection, limits, isTransient: isDatabaseUnavailable });
  bulk.run();
  const services: Services = {
    queries,
    lifecycle: createLifecycle(moves),
    bulk,
    audit,
    statistics,
    feed,
    liveLists: createLiveLists({ feed, queries, isTransient: isDatabaseUnavailable }),
    alerts: NO_ALERTS,
    log,
    ...options.services,
  };
  const surface = await createSurface(services);

  let reads: string[] = [];
  database.connection.getClient().on('commandStarted', ({ commandName, command }) => {
    if (!READS.has(commandName)) return;
    const collection: unknown = commandName === 'getMore' ? command['collection'] : command[commandName];
    const ofFeed = commandName === 'aggregate' && JSON.stringify(command['pipeline']).includes('$changeStream');
    if (collection === COLLECTION_NAME && !ofFeed && command['maxTimeMS'] !== STREAM_AWAIT_MS) reads.push(commandName);
  });

  const shown = (errors: readonly GraphQLError[]): readonly GraphQLFormattedError[] => errors.map((error) => surface.formatError(error.toJSON(), error));
  const answer = (result: ExecutionResult): Answer => ({
    // As it arrives: plain JSON.
    data: JSON.parse(JSON.stringify(result.data ?? null)) as unknown,
    errors: result.errors && shown(result.errors),
  });
  const prepare = (source: string, variables: Variables) => {
    const document = parse(source, { maxTokens: surface.maxTokens });
    const invalid = validate(surface.schema, document, [...specifiedRules, ...surface.validationRules]);
    const wrong = invalid.length > 0 ? invalid : surface.checkOperation({ document, operationName: null, variables, caller });
    return { wrong, args: { schema: surface.schema, document, variableValues: variables } };
  };

  const run = async (source: string, variables: Variables = {}): Promise<Answer> => {
    const { wrong, args } = prepare(source, variables);
    if (wrong.length > 0) return { data: null, errors: shown(wrong) };
    return answer(await execute({ ...args, contextValue: surface.createContext(caller) }));
  };

  return {
    surface,
    services,
    feed,
    model,
    run,
    readsSince() {
      const since = reads;
      reads = [];
      return since;
    },
    async data(source, variables) {
      const { data, errors } = await run(source, variables);
      if (errors) throw new RefusedSubscription(errors);
      return data;
    },
    async subscribe(source, variables = {}) {
      const { wrong, args } = prepare(source, variables);
      if (wrong.length > 0) throw new RefusedSubscription(shown(wrong));
      const stream = await createSourceEventStream({ ...args, contextValue: surface.createContext(caller) });
      if (!(Symbol.asyncIterator in stream)) throw new RefusedSubscription(shown(stream.errors ?? []));
      const events = stream[Symbol.asyncIterator]();
      const end = async (): Promise<void> => {
        await events.return?.();
      };
      return {
        async next() {
          const event = await events.next();
          if (event.done) throw new Error('the subscription has completed');
          return answer(await execute({ ...args, rootValue: event.value, contextValue: surface.createContext(caller) }));
        },
        end,
        completed: async () => (await events.next()).done === true,
        [Symbol.asyncDispose]: end,
      };
    },
    async insert(executionId, fields = {}) {
      await model.collection.insertOne(stored(executionId, fields));
    },
    async [Symbol.asyncDispose]() {
      await bulk.close();
      await audit.close();
      await statistics.close();
      await feed.close();
      await database.close();
    },
  };
}
