import type { QueueScope } from '../access/queue-scope.js';
import type { Execution } from '../model/execution.js';
import type { ShownStatus } from '../model/status.js';
import type { ChangeKind, Feed, FeedSubscribeOptions, TaskChangeEvent } from './types.js';

function isWithin(scope: QueueScope, execution: Execution | null): boolean {
  const queueName = execution?.stored['queueName'];
  return typeof queueName === 'string' && scope.includes(queueName);
}

/** Parts of another event, at its place in the feed. */
class Part implements TaskChangeEvent {
  readonly #event: TaskChangeEvent;
  readonly status: ShownStatus | null;
  readonly previousStatus: ShownStatus | null;
  readonly lookedUp: boolean;
  readonly executionId: string | null;

  constructor(
    event: TaskChangeEvent,
    readonly kind: ChangeKind,
    readonly documentId: unknown,
    readonly task: Execution | null,
    readonly before: Execution | null,
    readonly changedFields: readonly string[],
  ) {
    this.#event = event;
    this.status = task?.status ?? null;
    this.previousStatus = before?.status ?? null;
    this.executionId = (task ?? before)?.executionId ?? null;
    this.lookedUp = task !== null && event.lookedUp;
  }

  get cursor(): string {
    return this.#event.cursor;
  }

  get at(): Date {
    return this.#event.at;
  }
}

const NO_FIELDS: readonly string[] = Object.freeze([]);

/**
 * An event as it is within a scope; null where it is not about an execution in it, or nobody can tell. An execution that
 * comes in from another queue is CREATED, one that goes to another is REMOVED.
 */
export function eventWithin(scope: QueueScope, event: TaskChangeEvent): TaskChangeEvent | null {
  const { kind, task, before, documentId } = event;
  if (kind === 'BOOKMARK') return event;
  const [is, was] = [isWithin(scope, task), isWithin(scope, before)];
  if (is) return was || before === null ? event : new Part(event, 'CREATED', documentId, task, null, event.changedFields);
  if (!was) return null;
  // The document was gone when it was looked up: as it was, it is all in the scope.
  return task === null ? event : new Part(event, 'REMOVED', documentId, null, before, NO_FIELDS);
}

/** Whether a change may have been of an execution in the scope, which no picture of before says. */
function mayHaveBeenWithin({ kind, before, changedFields, task }: TaskChangeEvent): boolean {
  if (before !== null || kind === 'BOOKMARK' || kind === 'CREATED') return false;
  return kind === 'REMOVED' || task === null || changedFields.includes('queueName');
}

/** Tells no more than that something may have changed. */
function hintOf(event: TaskChangeEvent): TaskChangeEvent {
  return new Part(event, 'REMOVED', null, null, null, NO_FIELDS);
}

/**
 * The feed as it is within a scope. A removal of which the database kept no picture is nobody's, and is not delivered; who
 * asks for `hints` is told that there was one, and nothing of it.
 */
export function feedWithin(feed: Feed, scope: QueueScope): Feed {
  const seen = (event: TaskChangeEvent, hints: boolean): TaskChangeEvent | null =>
    eventWithin(scope, event) ?? (hints && mayHaveBeenWithin(event) ? hintOf(event) : null);
  return {
    status: () => feed.status(),
    cursor: () => feed.cursor(),
    watchStatus: () => feed.watchStatus(),
    subscribe({ accepts = () => true, hints = false, ...options }: FeedSubscribeOptions = {}) {
      const events = feed.subscribe({
        ...options,
        accepts: (event) => {
          const part = seen(event, hints);
          return part !== null && accepts(part);
        },
      });
      const partOf = (result: IteratorResult<TaskChangeEvent>): IteratorResult<TaskChangeEvent> =>
        result.done === true ? result : { done: false, value: seen(result.value, hints) ?? hintOf(result.value) };
      const parts: AsyncIterableIterator<TaskChangeEvent> = {
        next: () => events.next().then(partOf),
        return: async () => {
          await events.return?.();
          return { done: true, value: undefined };
        },
        throw: async (error: unknown) => {
          await events.return?.();
          throw error;
        },
        [Symbol.asyncIterator]: () => parts,
      };
      return parts;
    },
  };
}
