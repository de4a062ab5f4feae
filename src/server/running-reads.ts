import type { ReadDeadline } from '../queries/deadline.js';

/** A `complete` is short: its `type` and the id of an operation. */
const LONGEST_COMPLETE = 1_024;

/** The id of the operation that a message gives up; null where it is another message. */
function completed(message: string): string | null {
  if (message.length > LONGEST_COMPLETE || !message.includes('"complete"')) return null;
  try {
    const { type, id } = JSON.parse(message) as { readonly type?: unknown; readonly id?: unknown };
    return type === 'complete' && typeof id === 'string' ? id : null;
  } catch {
    return null;
  }
}

/**
 * The queries and mutations that run on one WebSocket connection, by their ids. The protocol's server waits for the answer
 * to an operation that its client has given up, and only then says so: here its reads end at once.
 */
export class RunningReads {
  readonly #running = new Map<string, { readonly operation: object; readonly deadline: ReadDeadline }>();

  begin(id: string, operation: object, deadline: ReadDeadline): void {
    this.#running.set(id, { operation, deadline });
  }

  /** It was answered. Another operation may have its id by now: that one goes on. */
  end(id: string, operation: object): void {
    if (this.#running.get(id)?.operation === operation) this.#running.delete(id);
  }

  /** Looks at a message of the client before it is handled. */
  see(message: string): void {
    if (this.#running.size === 0) return;
    const id = completed(message);
    if (id !== null) this.#running.get(id)?.deadline.abandon();
  }

  /** The client is gone. */
  abandon(): void {
    for (const { deadline } of this.#running.values()) deadline.abandon();
    this.#running.clear();
  }
}
