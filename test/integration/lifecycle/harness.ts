import { createLifecycle, type LifecycleOptions } from '../../../src/lifecycle/lifecycle.js';
import type { Lifecycle } from '../../../src/lifecycle/types.js';
import { createTaskTrackerModel, type TaskTrackerModel } from '../../../src/model/task-tracker.js';
import { freshDatabase, silentLogger, type FreshDatabase } from '../../support/database.js';

/** A clock that moves only when told. */
export class ManualClock {
  constructor(public now = Date.UTC(2026, 0, 1)) {}
  readonly read = () => new Date(this.now);
  advance(ms: number): Date {
    this.now += ms;
    return this.read();
  }
}

export interface Harness {
  readonly model: TaskTrackerModel;
  readonly database: FreshDatabase;
  readonly clock: ManualClock;
  readonly lifecycle: Lifecycle;
  /** Another application's lifecycle over the same collection. */
  another(options?: Partial<LifecycleOptions>): Lifecycle;
  /** The stored document, as it is. */
  stored(executionId: string): Promise<Record<string, unknown> | null>;
  /** Everything that is stored, for comparing before and after. */
  everything(): Promise<Record<string, unknown>[]>;
  /** Puts a document in as it is, past any schema. */
  insertRaw(document: Record<string, unknown>): Promise<void>;
}

export interface HarnessOptions {
  /** Whether the unique index on active taskIds is there. Default true. */
  readonly deduplicationIndex?: boolean;
}

/** A fresh database with the model's indexes and a lifecycle on a manual clock. */
export async function lifecycleHarness({ deduplicationIndex = true }: HarnessOptions = {}): Promise<Harness> {
  const database = await freshDatabase();
  const model = createTaskTrackerModel(database.connection);
  await model.createIndexes();
  if (!deduplicationIndex) await model.collection.dropIndex('tasktracker_active_taskId');
  const clock = new ManualClock();
  const another = (options: Partial<LifecycleOptions> = {}) =>
    createLifecycle({
      model,
      deduplication: () => (deduplicationIndex ? 'index' : 'check'),
      clock: clock.read,
      log: silentLogger(),
      ...options,
    });
  return {
    model,
    database,
    clock,
    another,
    lifecycle: another(),
    stored: (executionId) => model.collection.findOne({ executionId }),
    everything: () => model.collection.find({}).sort({ _id: 1 }).toArray(),
    insertRaw: async (document) => {
      await model.collection.insertOne(document);
    },
  };
}

export const OPERATOR = { name: 'ann' } as const;

let counter = 0;

/** A taskId that no other test uses. */
export function newTaskId(): string {
  counter += 1;
  return `jobs:${counter}:process`;
}

/** A queued execution of a new task; returns its executionId. */
export async function queued(lifecycle: Lifecycle, options: { taskId?: string; maxRetries?: number } = {}): Promise<string> {
  const { execution } = await lifecycle.enqueue({ taskId: options.taskId ?? newTaskId(), queueName: 'jobs', maxRetries: options.maxRetries });
  return execution.executionId;
}

export async function processing(lifecycle: Lifecycle, options: { taskId?: string; maxRetries?: number } = {}): Promise<string> {
  const executionId = await queued(lifecycle, options);
  await lifecycle.start(executionId);
  return executionId;
}

export async function completed(lifecycle: Lifecycle, options: { taskId?: string } = {}): Promise<string> {
  const executionId = await processing(lifecycle, options);
  await lifecycle.complete(executionId);
  return executionId;
}

export async function failed(lifecycle: Lifecycle, options: { taskId?: string; maxRetries?: number } = {}): Promise<string> {
  const executionId = await processing(lifecycle, options);
  await lifecycle.fail({ executionId, errorMessage: 'no' });
  return executionId;
}

export async function deadLettered(lifecycle: Lifecycle, options: { taskId?: string; maxRetries?: number } = {}): Promise<string> {
  const executionId = await processing(lifecycle, options);
  await lifecycle.fail({ executionId, errorMessage: 'no', recoverable: false });
  return executionId;
}

export async function archived(lifecycle: Lifecycle, options: { taskId?: string } = {}): Promise<string> {
  const executionId = await deadLettered(lifecycle, options);
  await lifecycle.archive({ executionId, reason: 'done with it' }, OPERATOR);
  return executionId;
}

/** How to bring an execution into each state. */
export const IN_STATE = { queued, processing, completed, failed, dlq: deadLettered, archived } as const;

export interface Settled {
  readonly succeeded: number;
  /** How many were refused, by code. */
  readonly codes: Readonly<Record<string, number>>;
}

/** Counts the outcomes of callers at once. An error without a code fails the test. */
export function tally(results: readonly PromiseSettledResult<unknown>[]): Settled {
  const codes: Record<string, number> = {};
  let succeeded = 0;
  for (const result of results) {
    if (result.status === 'fulfilled') succeeded += 1;
    else {
      const reason: unknown = result.reason;
      if (!(reason instanceof Error) || !('code' in reason) || typeof reason.code !== 'string') throw reason;
      codes[reason.code] = (codes[reason.code] ?? 0) + 1;
    }
  }
  return { succeeded, codes };
}
