/** What was written, by the word of whoever wrote it. */
import { REMOVED, stateKey } from './state.mjs';

export class Ledger {
  /** By executionId: its states in the order they were written; `sure` where the write was acknowledged. */
  executions = new Map();
  acknowledged = 0;
  unsure = 0;
  byWay = { driver: 0, model: 0, mutation: 0 };
  #waiting = [];

  /** A state that was written, or (not sure) may have been. After one that is not sure nothing more is written. */
  note(executionId, key, { sure, queueName, taskId }) {
    const known = this.executions.get(executionId);
    const entry = known ?? { queueName, taskId, states: [], keys: new Map() };
    if (known === undefined) this.executions.set(executionId, entry);
    entry.keys.set(key, entry.states.length);
    entry.states.push({ key, sure });
  }

  /** One write, of one or more executions, after it was answered or not. */
  count(way, sure) {
    if (!sure) {
      this.unsure += 1;
      return;
    }
    this.acknowledged += 1;
    this.byWay[way] += 1;
    this.#waiting = this.#waiting.filter(({ reached, resolve }) => {
      if (!reached()) return true;
      resolve();
      return false;
    });
  }

  /** Resolves when so many writes have been acknowledged in all, and so many mutations from now on. */
  reaches(writes, mutations) {
    const goal = this.byWay.mutation + mutations;
    const reached = () => this.acknowledged >= writes && this.byWay.mutation >= goal;
    return new Promise((resolve) => {
      if (reached()) resolve();
      else this.#waiting.push({ reached, resolve });
    });
  }
}

/** An execution as its one writer knows it. */
export class Owned {
  constructor(ledger, { executionId, taskId, queueName, status, retryCount, metadata }) {
    Object.assign(this, { ledger, executionId, taskId, queueName, status, retryCount, metadata });
    this.usable = true;
  }

  /** Takes over a new state and notes it; null: it was removed. */
  becomes(change, sure) {
    if (change !== null) Object.assign(this, change);
    const { executionId, queueName, taskId } = this;
    this.ledger.note(executionId, change === null ? REMOVED : stateKey(this), { sure, queueName, taskId });
    if (!sure || change === null) this.usable = false;
  }
}
