/** Fifty writers, or as many as one likes: each owns its executions, so it knows in which order they were written. */
import { setTimeout as delay } from 'node:timers/promises';

import { randomOf } from './state.mjs';
import { driverWrites, modelWrites, mutationWrites } from './writes.mjs';

const OWNED = 6;
const PAUSE_MS = 50;
const ANSWER_MS = 30_000;

/** A write that certainly did not reach the database. */
class NotSentError extends Error {}

/**
 * The server refused a move that the writer, its only owner, knows to be possible: no fault only where the database died
 * meanwhile, and what the API's driver then repeated had been done already.
 */
class RefusedError extends Error {}

/** Calls the API's mutations at the URL. A connection that is refused has sent nothing; any other failure may have. */
export function mutateAt(url) {
  return async (query, variables) => {
    let response;
    try {
      response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query, variables }), signal: AbortSignal.timeout(ANSWER_MS) });
    } catch (error) {
      if (error.cause?.code === 'ECONNREFUSED') throw new NotSentError('nobody listens', { cause: error });
      throw error;
    }
    const { data, errors } = await response.json();
    if (errors) throw new Error(JSON.stringify(errors));
    if (data.answer.userErrors.length > 0) throw new RefusedError(JSON.stringify(data.answer.userErrors));
    return data.answer;
  };
}

class Writer {
  #owned = [];

  constructor(number, { seed, ledger, thinkMs, outages, ways: { collection, client, model, mutate } }) {
    this.number = number;
    this.ledger = ledger;
    this.thinkMs = thinkMs;
    this.outages = outages;
    this.random = randomOf(seed + number * 7_919);
    this.ways = {
      driver: driverWrites(this.random, { collection, client, ledger }),
      model: modelWrites(this.random, { model, ledger }),
      mutation: mutationWrites(this.random, { mutate, ledger }),
    };
  }

  async run(goesOn) {
    while (goesOn()) {
      await this.#write();
      if (this.thinkMs > 0) await delay(this.thinkMs * 2 * this.random.next());
    }
  }

  #choose() {
    const { random } = this;
    const way = random.pick(['driver', 'driver', 'model', 'mutation', 'mutation']);
    this.#owned = this.#owned.filter(({ usable }) => usable);
    if (this.#owned.length < 2 || (this.#owned.length < OWNED && random.chance(0.2))) return { way, ...this.ways[way].create(this.number), isNew: true };
    if (random.chance(0.04)) this.#owned.splice(random.below(this.#owned.length), 1);
    const owned = random.pick(this.#owned);
    const other = random.pick(this.#owned.filter((each) => each !== owned));
    const chosen = this.ways[way].change(owned, other);
    return chosen === undefined ? { way: 'driver', ...this.ways.driver.change(owned, other) } : { way, ...chosen };
  }

  async #write() {
    const { way, changes, call, retires, creates, isNew } = this.#choose();
    const begun = performance.now();
    let answer;
    let sure = true;
    try {
      answer = await call();
    } catch (error) {
      if (error instanceof RefusedError && !this.outages.some(({ until }) => begun < until)) throw error;
      if (error instanceof NotSentError) {
        await delay(PAUSE_MS);
        return;
      }
      sure = false;
    }
    for (const { owned, state } of changes) owned.becomes(state, sure);
    if (retires) retires.usable = false;
    if (sure && isNew) this.#owned.push(...changes.map(({ owned }) => owned));
    if (sure && creates) {
      const created = creates(answer);
      created.becomes({}, true);
      this.#owned.push(created);
    }
    this.ledger.count(way, sure);
    if (!sure) await delay(PAUSE_MS);
  }
}

/** Writes for as long as `goesOn()` says, then resolves. */
export async function runWriters(count, options, goesOn) {
  await Promise.all(Array.from({ length: count }, (_, number) => new Writer(number, options).run(goesOn)));
}
