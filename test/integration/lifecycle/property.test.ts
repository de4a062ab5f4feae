import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { TASK_STATUSES } from '../../../src/model/status.js';
import { lifecycleHarness, type Harness } from './harness.js';
import { MODEL_ACTOR, MODEL_REASON, TableModel, type ModelExecution, type Operation, type Outcome } from './table-model.js';

/** Another seed explores other histories: TASKTRACKER_TEST_SEED=7 npx vitest run <this file>. */
const SEED = Number(process.env['TASKTRACKER_TEST_SEED'] ?? 20_260_101);
const TIME_LIMIT_MS = 10_000;
const BATCH_MS = 1000;

/** An operation before it is known which executions there are: `target` picks one of them. */
type Plan =
  | { readonly move: 'enqueueTask'; readonly task: number; readonly given: 'none' | 'new' | 'existing'; readonly target: number; readonly maxRetries: number; readonly dedupWithinMs: number | null } // prettier-ignore
  | { readonly move: Exclude<Operation['move'], 'enqueueTask'>; readonly target: number; readonly recoverable: boolean };

const target = fc.nat({ max: 5 });
const plan: fc.Arbitrary<Plan> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      move: fc.constant('enqueueTask' as const),
      task: fc.nat({ max: 1 }),
      given: fc.constantFrom('none', 'none', 'new', 'existing'),
      target,
      maxRetries: fc.constantFrom(0, 1, 2, 2),
      dedupWithinMs: fc.constantFrom(null, null, 0, BATCH_MS, 1e9),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      move: fc.constantFrom('startTask', 'startTask', 'completeTask', 'failTask', 'failTask', 'retryTask', 'retryTask', 'moveTaskToDlq', 'moveTaskToDlq', 'archiveTask'),
      target,
      recoverable: fc.constantFrom(true, true, false),
    }),
  },
);
/** Operations of one batch are made at the same time by different callers. */
const history = fc.array(fc.array(plan, { minLength: 1, maxLength: 4 }), { minLength: 5, maxLength: 20 });

const enqueuing = (task: number): Plan => ({ move: 'enqueueTask', task, given: 'none', target: 0, maxRetries: 2, dedupWithinMs: null });
const onNewest = (move: Exclude<Operation['move'], 'enqueueTask'>, recoverable = true): Plan => ({ move, target: 0, recoverable });

/** Goes through every status and the races that matter most, however few random histories there is time for. */
const FULL_LIFE: readonly Plan[][] = [
  [enqueuing(0), enqueuing(0), enqueuing(0)],
  [onNewest('startTask'), onNewest('startTask'), onNewest('startTask')],
  [onNewest('failTask'), onNewest('failTask')],
  [onNewest('retryTask'), onNewest('retryTask'), enqueuing(0)],
  [onNewest('startTask')],
  [onNewest('failTask', false)],
  [onNewest('retryTask'), onNewest('retryTask'), onNewest('archiveTask')],
  [enqueuing(1)],
  [onNewest('startTask')],
  [onNewest('completeTask'), onNewest('completeTask')],
  [enqueuing(1)],
  [onNewest('startTask')],
  [onNewest('failTask')],
  [onNewest('moveTaskToDlq'), onNewest('retryTask')],
];

function resolve(planned: Plan, known: readonly string[], run: string, newId: string): Operation {
  // Counted from the end: the youngest executions are where something happens.
  const executionId = known.at(-1 - planned.target) ?? `${run}-nobody`;
  if (planned.move === 'enqueueTask') {
    const { move, task, given, maxRetries, dedupWithinMs } = planned;
    const givenId = given === 'none' ? null : given === 'new' ? `${newId}-given` : executionId;
    return { move, taskId: `${run}:${task}`, newId, givenId, maxRetries, dedupWithinMs };
  }
  if (planned.move === 'retryTask') return { move: planned.move, executionId, newId };
  if (planned.move === 'failTask') return { move: planned.move, executionId, recoverable: planned.recoverable };
  return { move: planned.move, executionId };
}

async function perform(harness: Harness, operation: Operation): Promise<Outcome> {
  const newId = 'newId' in operation ? () => operation.newId : undefined;
  const lifecycle = harness.another({ newId });
  const actor = { name: MODEL_ACTOR };
  const moved = ({ execution, changed }: { execution: { executionId: string }; changed: boolean }) => ({ executionId: execution.executionId, changed });
  try {
    switch (operation.move) {
      case 'enqueueTask': {
        const { taskId, givenId, maxRetries, dedupWithinMs } = operation;
        const { execution, deduplicated } = await lifecycle.enqueue({ taskId, queueName: 'jobs', executionId: givenId, maxRetries, dedupWithinMs });
        return { executionId: execution.executionId, deduplicated };
      }
      case 'startTask':
        return moved(await lifecycle.start(operation.executionId));
      case 'completeTask':
        return moved(await lifecycle.complete(operation.executionId));
      case 'failTask':
        return moved(await lifecycle.fail({ executionId: operation.executionId, errorMessage: 'no', recoverable: operation.recoverable }));
      case 'moveTaskToDlq':
        return moved(await lifecycle.moveToDeadLetters(operation.executionId, null, { name: 'operator' }));
      case 'archiveTask':
        return moved(await lifecycle.archive({ executionId: operation.executionId, reason: MODEL_REASON }, actor));
      case 'retryTask':
        return { executionId: (await lifecycle.retry({ executionId: operation.executionId }, actor)).execution.executionId };
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') return { refused: error.code };
    throw error;
  }
}

function* permutations<T>(items: readonly T[]): Generator<T[]> {
  if (items.length === 0) yield [];
  for (const [index, first] of items.entries()) {
    for (const rest of permutations(items.toSpliced(index, 1))) yield [first, ...rest];
  }
}

/** Text that is equal for equal executions, whatever the order of fields and documents. */
function fingerprint(executions: readonly ModelExecution[]): string {
  const fields = (each: ModelExecution) => JSON.stringify(Object.entries(each).sort(([a], [b]) => a.localeCompare(b)));
  return executions.map(fields).sort().join('\n');
}

async function storedState(harness: Harness, run: string): Promise<ModelExecution[]> {
  const taskIds = [`${run}:0`, `${run}:1`];
  const documents = await harness.model.collection.find({ taskId: { $in: taskIds } }).toArray();
  const ms = (value: unknown) => (value instanceof Date ? value.getTime() : undefined);
  return documents.map((each) =>
    // Through JSON, so that absent and undefined fields are the same.
    JSON.parse(
      JSON.stringify({
        executionId: each['executionId'] as unknown,
        taskId: each['taskId'] as unknown,
        status: each['status'] as unknown,
        retryCount: each['retryCount'] as unknown,
        maxRetries: each['maxRetries'] as unknown,
        createdAt: ms(each['createdAt']),
        processingStartedAt: ms(each['processingStartedAt']),
        completedAt: ms(each['completedAt']),
        failedAt: ms(each['failedAt']),
        archivedAt: ms(each['archivedAt']),
        archivedReason: each['archivedReason'] as unknown,
        archivedBy: each['archivedBy'] as unknown,
        lastRetryAt: ms(each['lastRetryAt']),
      }),
    ) as ModelExecution,
  );
}

/** The model after some order of the operations in which every caller is told what it was told and the end is what is stored. */
function explain(model: TableModel, operations: readonly Operation[], outcomes: readonly Outcome[], stored: readonly ModelExecution[], now: number): TableModel | null {
  const wanted = fingerprint(stored);
  for (const order of permutations(operations.map((operation, index) => ({ operation, outcome: outcomes[index] })))) {
    const tried = model.copy();
    const same = order.every(({ operation, outcome }) => JSON.stringify(sorted(tried.apply(operation, now))) === JSON.stringify(sorted(outcome ?? {})));
    if (same && fingerprint(tried.all()) === wanted) return tried;
  }
  return null;
}

function sorted(outcome: Outcome): [string, unknown][] {
  return Object.entries(outcome).sort(([a], [b]) => a.localeCompare(b));
}

describe('random histories of concurrent callers', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await lifecycleHarness();
  });
  afterAll(() => harness.database.close());

  it(
    'are each equal to some order of the same moves on a plain model of the table',
    async () => {
      console.info(`seed ${SEED}`);
      let runs = 0;
      const reached = new Set<string>();
      const answers = new Set<string>();
      await fc.assert(
        fc.asyncProperty(history, async (batches) => {
          runs += 1;
          const run = `run${runs}`;
          let model = TableModel.empty();
          for (const [batchIndex, batch] of batches.entries()) {
            const now = harness.clock.advance(BATCH_MS).getTime();
            const known = model.ids();
            const operations = batch.map((planned, index) => resolve(planned, known, run, `${run}-b${batchIndex}-${index}`));
            const outcomes = await Promise.all(operations.map((operation) => perform(harness, operation)));
            const stored = await storedState(harness, run);
            const explained = explain(model, operations, outcomes, stored, now);
            if (explained === null) {
              throw new Error(`no order explains ${JSON.stringify({ before: model.all(), operations, outcomes, stored }, null, 1)}`);
            }
            model = explained;
            for (const [index, { move }] of operations.entries()) answers.add(`${move} ${outcomes[index]?.refused ?? 'made'}`);
            for (const status of model.statuses()) reached.add(status);
          }
        }),
        { seed: SEED, numRuns: 40, interruptAfterTimeLimit: TIME_LIMIT_MS, examples: [[FULL_LIFE.map((batch) => [...batch])]] },
      );
      console.info(`${runs} histories; ${[...answers].sort().join(', ')}`);
      expect([...reached].sort()).toEqual([...TASK_STATUSES].sort());
    },
    TIME_LIMIT_MS * 3,
  );
});
