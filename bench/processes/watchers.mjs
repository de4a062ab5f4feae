/** Clients of `tasktracker/client`, several in one process: each folds its list and remembers every state it was told. */
import { setTimeout as delay } from 'node:timers/promises';

import { TaskFold, watchTasks } from '../../dist/client/index.js';
import { REMOVED, rowOf, stateKey } from '../lib/exactness/state.mjs';

const FIELDS = 'taskId queueName status retryCount updatedAt metadata';

class Watcher {
  seen = {};
  fold = new TaskFold();
  counts = { items: 0, changes: 0, lists: 0, relists: 0, reconnects: 0, pauses: 0, restarts: 0 };
  error = null;
  #watch = null;
  #stopped = false;

  constructor(url, { filter, pageSize, bufferLimit, delayMs, restartEvery }) {
    this.options = { url, filter, pageSize, bufferLimit, fields: FIELDS, lastRetryMs: 2_000 };
    this.delayMs = delayMs ?? 0;
    this.restartEvery = restartEvery ?? Number.POSITIVE_INFINITY;
  }

  async run() {
    let after;
    try {
      while (!this.#stopped) after = await this.#watchFrom(after);
    } catch (error) {
      this.error = `${error.name}: ${error.message}`;
    }
  }

  /** Until it is stopped, or for as many items as a restarting client lives. @returns the cursor that it keeps */
  async #watchFrom(after) {
    const onStatus = ({ state }) => {
      if (state === 'reconnecting') this.counts.reconnects += 1;
      if (state === 'paused') this.counts.pauses += 1;
    };
    const watch = watchTasks({ ...this.options, after, onStatus });
    this.#watch = watch;
    let left = this.restartEvery;
    for await (const item of watch) {
      this.#take(item);
      left -= 1;
      if (left <= 0) {
        this.counts.restarts += 1;
        break;
      }
      if (this.delayMs > 0) await delay(this.delayMs);
    }
    return watch.cursor ?? after;
  }

  #take(item) {
    this.counts.items += 1;
    this.fold.apply(item);
    if (item.type === 'list') {
      this.counts.lists += 1;
      if (item.cause !== null) this.counts.relists += 1;
      return;
    }
    this.counts.changes += 1;
    const { executionId, task } = item.change;
    (this.seen[executionId] ??= []).push(task === null ? REMOVED : stateKey(task));
  }

  rows() {
    return [...this.fold.tasks.values()].map(rowOf).sort();
  }

  stop() {
    this.#stopped = true;
    this.#watch?.close();
  }
}

const { url, watches } = JSON.parse(process.argv[2]);
const watchers = watches.map((watch) => new Watcher(url, watch));
const running = [];

process.on('message', async ({ ask, late }) => {
  if (ask === 'start') {
    watchers.forEach((watcher, n) => {
      if ((watches[n].late ?? false) === late) running.push(watcher.run());
    });
    process.send({ ok: true });
  }
  if (ask === 'rows') process.send(watchers.map((watcher) => ({ rows: watcher.rows(), error: watcher.error, lists: watcher.counts.lists })));
  if (ask === 'end') {
    for (const watcher of watchers) watcher.stop();
    await Promise.all(running);
    process.send(watchers.map(({ seen, counts, error }) => ({ seen, counts, error })));
  }
});
process.send({ ready: true });
