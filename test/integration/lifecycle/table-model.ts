import { MOVES, outcomeOf, type MoveName } from '../../../src/model/moves.js';
import { ACTIVE_STATUSES, type TaskStatus } from '../../../src/model/status.js';

/** An execution as the table of moves sees it; instants in ms. */
export interface ModelExecution {
  readonly executionId: string;
  readonly taskId: string;
  readonly status: TaskStatus;
  readonly retryCount: number;
  readonly maxRetries: number;
  readonly createdAt: number;
  readonly processingStartedAt?: number;
  readonly completedAt?: number;
  readonly failedAt?: number;
  readonly archivedAt?: number;
  readonly archivedReason?: string;
  readonly archivedBy?: string;
  readonly lastRetryAt?: number;
}

export type Operation =
  | {
      readonly move: 'enqueueTask';
      readonly taskId: string;
      /** The executionId that a new execution gets. */
      readonly newId: string;
      /** Whether the producer names the executionId itself; else it is generated. */
      readonly givenId: string | null;
      readonly maxRetries: number;
      readonly dedupWithinMs: number | null;
    }
  | { readonly move: 'startTask' | 'completeTask' | 'moveTaskToDlq' | 'archiveTask'; readonly executionId: string }
  | { readonly move: 'failTask'; readonly executionId: string; readonly recoverable: boolean }
  | { readonly move: 'retryTask'; readonly executionId: string; readonly newId: string };

/** What a caller is told. */
export interface Outcome {
  readonly executionId?: string;
  readonly changed?: boolean;
  readonly deduplicated?: boolean;
  readonly refused?: string;
}

export const MODEL_ACTOR = 'ann';
export const MODEL_REASON = 'enough';

/** The collection as a plain map with one caller at a time: what any concurrent history must be equal to in some order. */
export class TableModel {
  private constructor(private readonly executions: Map<string, ModelExecution>) {}

  static empty(): TableModel {
    return new TableModel(new Map());
  }

  copy(): TableModel {
    return new TableModel(new Map(this.executions));
  }

  ids(): string[] {
    return [...this.executions.keys()];
  }

  all(): ModelExecution[] {
    return [...this.executions.values()];
  }

  statuses(): Set<TaskStatus> {
    return new Set(this.all().map(({ status }) => status));
  }

  apply(operation: Operation, now: number): Outcome {
    if (operation.move === 'enqueueTask') return this.enqueue(operation, now);
    if (operation.move === 'retryTask') return this.retry(operation, now);
    const { move, executionId } = operation;
    const execution = this.executions.get(executionId);
    const outcome = outcomeOf(MOVES[move], execution?.status ?? null);
    if (outcome.kind === 'refused' || execution === undefined) return { refused: outcome.kind === 'refused' ? outcome.code : '?' };
    if (outcome.kind === 'already') return { executionId, changed: false };
    this.put({ ...execution, ...this.written(operation, execution, now) });
    return { executionId, changed: true };
  }

  private written(operation: Operation, execution: ModelExecution, now: number): Partial<ModelExecution> {
    const to = (move: MoveName, index = 0) => MOVES[move].to[index]?.status ?? execution.status;
    switch (operation.move) {
      case 'startTask':
        return { status: to('startTask'), processingStartedAt: now };
      case 'completeTask':
        return { status: to('completeTask'), completedAt: now };
      case 'failTask': {
        const retryable = operation.recoverable && execution.retryCount < execution.maxRetries;
        return { status: to('failTask', retryable ? 0 : 1), failedAt: now };
      }
      case 'moveTaskToDlq':
        return { status: to('moveTaskToDlq') };
      case 'archiveTask':
        return { status: to('archiveTask'), archivedAt: now, archivedReason: MODEL_REASON, archivedBy: MODEL_ACTOR };
      default:
        return {};
    }
  }

  private enqueue(operation: Extract<Operation, { move: 'enqueueTask' }>, now: number): Outcome {
    const { taskId, givenId, newId, maxRetries, dedupWithinMs } = operation;
    if (givenId !== null && this.executions.has(givenId)) return { refused: 'DUPLICATE_EXECUTION' };
    const duplicate = this.active(taskId) ?? (dedupWithinMs === null ? undefined : this.completedSince(taskId, now - dedupWithinMs));
    if (duplicate !== undefined) return { executionId: duplicate.executionId, deduplicated: true };
    const executionId = givenId ?? newId;
    this.put({ executionId, taskId, status: 'queued' as TaskStatus, retryCount: 0, maxRetries, createdAt: now });
    return { executionId, deduplicated: false };
  }

  private retry({ executionId, newId }: Extract<Operation, { move: 'retryTask' }>, now: number): Outcome {
    const previous = this.executions.get(executionId);
    const outcome = outcomeOf(MOVES.retryTask, previous?.status ?? null);
    if (previous === undefined || outcome.kind === 'already') return { refused: 'NOT_FOUND' };
    if (outcome.kind === 'refused') {
      return { refused: previous.archivedReason?.startsWith('Manual retry') ? 'CONFLICT' : outcome.code };
    }
    const { taskId, status, maxRetries } = previous;
    if (this.active(taskId) !== undefined) return { refused: 'CONFLICT' };
    const becomes = MOVES.retryTask.previousBecomes[status] ?? status;
    if (becomes === status) {
      if (this.all().some((each) => each.taskId === taskId && each.createdAt > previous.createdAt)) return { refused: 'CONFLICT' };
      if (previous.retryCount >= maxRetries) return { refused: 'RETRIES_EXHAUSTED' };
    } else {
      this.put({ ...previous, status: becomes, archivedAt: now, archivedReason: 'Manual retry initiated', archivedBy: MODEL_ACTOR });
    }
    const retryCount = becomes === status ? previous.retryCount + 1 : 0;
    this.put({ executionId: newId, taskId, status: 'queued' as TaskStatus, retryCount, maxRetries, createdAt: now, lastRetryAt: now });
    return { executionId: newId };
  }

  private active(taskId: string): ModelExecution | undefined {
    return this.all().find((each) => each.taskId === taskId && ACTIVE_STATUSES.includes(each.status));
  }

  private completedSince(taskId: string, since: number): ModelExecution | undefined {
    return this.all()
      .filter((each) => each.taskId === taskId && each.status === 'completed' && (each.completedAt ?? 0) >= since)
      .sort((a, b) => (b.completedAt ?? 0) - (a.completedAt ?? 0))[0];
  }

  private put(execution: ModelExecution): void {
    this.executions.set(execution.executionId, execution);
  }
}
