/** Made-up lives of executions, in memory: what the fold is measured with, without a database. */
import mongoose from 'mongoose';

export const MINUTE = 60_000;
export const DAY = 86_400_000;

/** A small generator of random numbers (mulberry32), so that every run folds the same. */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Whole ms, spread log-normally. */
export function logNormal(random, medianMs, sigma) {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.max(0, Math.round(medianMs * Math.exp(sigma * normal)));
}

const letters = (number) => number.toString(26).replace(/./g, (digit) => String.fromCharCode(97 + parseInt(digit, 26)));
const CATEGORIES = ['transient', 'validation', 'processing', 'infrastructure', 'partner_api'];

/** Makes lives of tasks in queues; of every queue a few kinds of errors, groups in all. */
export function createLives({ queues, groups, failures, seed = 1 }) {
  const random = randomFrom(seed);
  const names = Array.from({ length: queues }, (_, index) => `queue_${letters(index)}`);
  const perQueue = Math.max(1, Math.round(groups / queues));
  let id = 0;

  /** An execution as the feed would give it to the fold, as it stood `upTo` steps into its life. */
  const state = (life, upTo) => {
    const { _id, queueName, enqueuedAt, startedAt, endedAt, failed, dead, error } = life;
    const status = upTo === 0 ? 'queued' : upTo === 1 ? 'processing' : !failed ? 'completed' : dead ? 'dlq' : 'failed';
    const done = upTo === 2;
    const errorMessage = done && failed ? error.message : null;
    return {
      _id,
      status,
      enqueuedAt,
      processingStartedAt: upTo > 0 ? startedAt : null,
      completedAt: done && !failed ? endedAt : null,
      failedAt: done && failed ? endedAt : null,
      archivedAt: null,
      errorMessage,
      errorCategory: done && failed ? error.category : null,
      stored: { queueName, status, enqueuedAt, errorMessage },
    };
  };

  const life = (queue, enqueued) => {
    const wait = logNormal(random, 2_000, 1);
    const run = logNormal(random, 800, 0.9);
    const failed = random() < failures;
    const kind = queue * perQueue + Math.floor(random() ** 2 * perQueue);
    return {
      _id: mongoose.Types.ObjectId.createFromHexString((++id).toString(16).padStart(24, '0')),
      queueName: names[queue],
      enqueuedAt: new Date(enqueued),
      startedAt: new Date(enqueued + wait),
      endedAt: new Date(enqueued + wait + run),
      failed,
      dead: failed && random() < 0.2,
      error: failed ? { message: `Connection to ${letters(kind + 1_000)} failed after ${run} ms (request ${id})`, category: CATEGORIES[kind % CATEGORIES.length] } : null,
    };
  };

  return { names, random, life, state };
}
