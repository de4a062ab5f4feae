import mongoose from 'mongoose';

const { Decimal128, Long, ObjectId, Timestamp, UUID } = mongoose.mongo.BSON;

/** A small generator with a seed (mulberry32): the same documents each time. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** At least 0, below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  chance(share: number): boolean {
    return this.next() < share;
  }
}

const STATUSES = ['queued', 'processing', 'completed', 'failed', 'dlq', 'archived'] as const;
const CATEGORIES = ['transient', 'validation', 'processing', 'infrastructure', 'partner_api', 'unknown', null, 'nonsense'] as const;
const MESSAGES = ['Connection to 10.0.0.7:5432 refused', 'Log "a-17.json" is not valid', 'timeout after 3000 ms', ''] as const;
const HOUR = 60 * 60_000;

/**
 * Ids as workers make them, and some of every other type that an `_id` may have. Of binary data UUIDs only: the embedded
 * database sorts binary data of different lengths in one order and compares it in another.
 */
export function randomId(random: Random): unknown {
  const hex = (digits: number): string => Array.from({ length: digits }, () => random.below(16).toString(16)).join('');
  switch (random.below(20)) {
    case 0:
      return `text-${hex(4)}`;
    case 1:
      return random.below(100_000);
    case 2:
      return random.next() * 1_000;
    case 3:
      return Long.fromString(`${9_007_199_254_740_993n + BigInt(random.below(1_000))}`);
    case 4:
      return new UUID(`${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`);
    case 5:
      return random.chance(0.5);
    case 6:
      return { part: hex(2), number: random.below(10) };
    case 7:
      return new Date(random.below(1_000_000));
    case 8:
      return new Timestamp({ t: random.below(4_000_000_000), i: random.below(10) });
    case 9:
      return Decimal128.fromString(`${random.below(1_000)}.5`);
    case 10:
      return `\u{1f600}${hex(2)}`;
    default:
      // Made by clients whose clocks differ: never in the order of insertion.
      return new ObjectId(hex(24));
  }
}

/** The fields of a task in some state, mostly as workers write them, with instants around `now`. */
export function randomFields(random: Random, now: number, queues: readonly string[]): Record<string, unknown> {
  const status = random.pick(STATUSES);
  const enqueuedAt = now - random.below(random.pick([HOUR, 30 * HOUR, 40 * 24 * HOUR]));
  const startedAt = enqueuedAt + random.below(HOUR) - 1_000;
  const endedAt = startedAt + random.below(HOUR) - 1_000;
  const failed = status === 'failed' || status === 'dlq' || status === 'archived';
  return {
    taskId: `jobs:${random.below(1_000_000_000)}`,
    executionId: `${random.below(1_000_000_000)}-${random.below(1_000_000_000)}`,
    queueName: random.chance(0.05) ? random.pick([null, 7, ['list', random.pick(queues)], ['list', 'list'], []]) : random.pick(queues),
    status: random.chance(0.03) ? random.pick(['QUEUED', null, ['queued'], 3]) : status,
    ...(random.chance(0.97) && { enqueuedAt: new Date(enqueuedAt) }),
    ...(status !== 'queued' && random.chance(0.97) && { processingStartedAt: new Date(startedAt) }),
    ...((status === 'completed' || random.chance(0.05)) && { completedAt: new Date(endedAt) }),
    ...(failed && {
      failedAt: random.chance(0.97) ? new Date(endedAt) : 'yesterday',
      errorMessage: random.pick(MESSAGES),
      errorCategory: random.pick(CATEGORIES),
    }),
    ...(status === 'archived' && { archivedAt: new Date(endedAt + random.below(HOUR)) }),
    // A name with a dot makes changes ambiguous: the feed has to look the document up.
    metadata: { weight: random.below(10), ...(random.chance(0.2) && { 'dotted.name': 1 }) },
  };
}
