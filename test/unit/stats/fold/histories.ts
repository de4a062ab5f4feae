import fc from 'fast-check';
import mongoose from 'mongoose';

import { toExecution, type StoredDocument } from '../../../../src/model/execution.js';
import type { CountedFailure, Fold } from '../../../../src/stats/fold/types.js';

/** Random histories of documents: what workers, people and strange tools may write, in any order of time. */

export const START = Date.UTC(2026, 2, 10, 11, 37, 20, 123);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export type Step =
  | { readonly kind: 'write'; readonly id: number; readonly fields: StoredDocument; readonly replaces: boolean }
  | { readonly kind: 'delete'; readonly id: number }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'evict' };

const objectId = (n: number): unknown => mongoose.Types.ObjectId.createFromHexString(n.toString(16).padStart(24, '0'));
/** The same text or number as another id's, in another type. */
const ID_KINDS: readonly ((n: number) => unknown)[] = [objectId, (n) => n, (n) => String(n), (n) => ({ n }), (n) => new Date(n)];

export function idOf(n: number): unknown {
  return (ID_KINDS[n % ID_KINDS.length] ?? objectId)(n);
}

/** Distances from the present that meet the edges of buckets and windows. */
const distance = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -2 * HOUR, max: 0 }) },
  { weight: 2, arbitrary: fc.integer({ min: -26 * HOUR, max: 0 }) },
  { weight: 2, arbitrary: fc.integer({ min: -32 * DAY, max: 0 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 30 * HOUR }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 40 * DAY }) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(-30 * DAY, -DAY, DAY + HOUR), fc.integer({ min: -6 * MINUTE, max: 6 * MINUTE })).map(([edge, off]) => edge + off) },
);

type Instant = { readonly distance: number; readonly roundTo: number } | { readonly value: unknown };

const instantLike: fc.Arbitrary<Instant> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ distance, roundTo: fc.constantFrom(1, 1, MINUTE, HOUR, DAY) }) },
  { weight: 4, arbitrary: fc.record({ distance: fc.constantFrom(-HOUR, 0), roundTo: fc.constant(HOUR) }) },
  { weight: 2, arbitrary: fc.constant({ value: undefined }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(null, 'yesterday', new Date(NaN), new Date(0), new Date(-5), new Date(8.64e15), new Date(-8.64e15)).map((value) => ({
      value,
    })),
  },
);

const status = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom<unknown>('queued', 'processing', 'completed', 'failed', 'dlq', 'archived') },
  { weight: 1, arbitrary: fc.constantFrom<unknown>('QUEUED', 'lost', undefined, null, 3, ['queued'], ['failed', 'dlq']) },
);

const queueName = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<unknown>('a', 'b', 'c', 'd') },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(['a', 'b'], ['b', 'c', 'b'], ['d', 4, null], [], undefined, null, 7, { a: 1 }, '', '__proto__') },
);

const errorMessage = fc.constantFrom<unknown>('boom 1', 'boom 22', 'timeout after 30s', 'no such user "x"', 'E5', '', undefined, null, 17, { code: 3 });
const errorCategory = fc.constantFrom<unknown>('transient', 'validation', 'unknown', undefined, null, 'odd');

const INSTANTS = ['enqueuedAt', 'processingStartedAt', 'completedAt', 'failedAt', 'archivedAt'];

const fields = fc.record(
  { status, queueName, errorMessage, errorCategory, ...Object.fromEntries(INSTANTS.map((field) => [field, instantLike])) },
  { requiredKeys: [] },
);

/** An edit of one field, by hand. */
const edit = fc.oneof(
  ...Object.entries({ status, queueName, errorMessage, errorCategory }).map(([field, value]) => value.map((edited) => ({ [field]: edited }) as Record<string, unknown>)),
  fc.tuple(fc.constantFrom(...INSTANTS), instantLike).map(([field, value]) => ({ [field]: value }) as Record<string, unknown>),
);

/** A whole life, as workers write it, at some moment. */
const life = fc
  .record({
    status: fc.constantFrom('queued', 'processing', 'completed', 'failed', 'dlq', 'archived'),
    queueName: fc.constantFrom('a', 'b', 'c', 'd'),
    enqueued: distance,
    spans: fc.array(fc.integer({ min: 0, max: 10 * MINUTE }), { minLength: 3, maxLength: 3 }),
    errorMessage: fc.constantFrom('boom 1', 'boom 2', 'timeout after 30s'),
  })
  .map(({ status: reached, queueName: name, enqueued, spans: [wait = 0, run = 0, rest = 0], errorMessage: message }) => {
    const at = (ms: number): Instant => ({ distance: enqueued + ms, roundTo: 1 });
    const failed = reached === 'failed' || reached === 'dlq' || reached === 'archived';
    return {
      status: reached,
      queueName: name,
      enqueuedAt: at(0),
      ...(reached !== 'queued' && { processingStartedAt: at(wait) }),
      ...(reached === 'completed' && { completedAt: at(wait + run) }),
      ...(failed && { failedAt: at(wait + run), errorMessage: message, errorCategory: 'transient' }),
      ...(reached === 'archived' && { archivedAt: at(wait + run + rest) }),
    } as Record<string, unknown>;
  });

/** A failure of one of two kinds, as often as not at the same instant as another. */
const failed = fc
  .record({ queueName: fc.constantFrom('a', 'b'), errorMessage: fc.constantFrom('boom 1', 'bang'), at: fc.oneof(distance, fc.integer({ min: -9, max: 0 }).map((n) => n * MINUTE)) })
  .map(({ at, ...rest }) => ({ ...rest, status: 'failed', errorCategory: 'transient', failedAt: { distance: at, roundTo: 1 } }) as Record<string, unknown>);

const advance = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 2 * MINUTE }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 3 * HOUR }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 3 * DAY }) },
  { weight: 1, arbitrary: fc.integer({ min: -HOUR, max: 45 * DAY }) },
);

export function histories(documents: number, steps: number): fc.Arbitrary<readonly Step[]> {
  const id = fc.nat(documents - 1);
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('write' as const), id, fields: life, replaces: fc.constant(true) }) },
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('write' as const), id, fields, replaces: fc.boolean() }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('write' as const), id, fields: edit, replaces: fc.constant(false) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), id }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: advance }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'evict' as const }) },
  );
  return fc.array(step, { maxLength: steps, size: 'max' });
}

/** Failures of few kinds in few queues, and many of each. */
export function failures(documents: number, steps: number): fc.Arbitrary<readonly Step[]> {
  const id = fc.nat(documents - 1);
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 12, arbitrary: fc.record({ kind: fc.constant('write' as const), id, fields: failed, replaces: fc.constant(true) }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('delete' as const), id }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: advance }) },
  );
  return fc.array(step, { minLength: steps / 2, maxLength: steps, size: 'max' });
}

function isInstant(value: unknown): value is Instant {
  return typeof value === 'object' && value !== null && ('roundTo' in value || 'value' in value);
}

function stored(value: unknown, now: number): unknown {
  if (!isInstant(value)) return value;
  if ('value' in value) return value.value;
  return new Date(Math.floor((now + value.distance) / value.roundTo) * value.roundTo);
}

/** The documents as a history leaves them, and the clock of the folds that follow it. */
export class World {
  readonly documents = new Map<number, StoredDocument>();
  now = START;
  /** The latest instant at which a fold looked at the clock: the clock may go back, a fold's windows do not. */
  seen = START;
  readonly clock = (): number => this.now;

  look(): number {
    this.seen = Math.max(this.seen, this.now);
    return this.seen;
  }

  /** Takes a step, and has the folds take it. @returns what the last fold said of it */
  take(step: Step, ...folds: readonly Fold[]): CountedFailure | null {
    let news: CountedFailure | null = null;
    switch (step.kind) {
      case 'advance':
        this.now += step.ms;
        break;
      case 'evict':
        this.look();
        for (const fold of folds) fold.evict();
        break;
      case 'delete':
      case 'write': {
        this.look();
        const before = this.documents.get(step.id);
        const after = step.kind === 'delete' ? undefined : this.#written(step, before);
        if (after === undefined) this.documents.delete(step.id);
        else this.documents.set(step.id, after);
        for (const fold of folds) news = fold.apply(before === undefined ? null : toExecution(before), after === undefined ? null : toExecution(after));
      }
    }
    return news;
  }

  #written({ id, fields: written, replaces }: Step & { kind: 'write' }, before: StoredDocument | undefined): StoredDocument {
    const values = Object.entries(written).map(([field, value]) => [field, stored(value, this.now)] as const);
    const kept = replaces || before === undefined ? {} : before;
    return Object.fromEntries(Object.entries({ ...kept, ...Object.fromEntries(values), _id: idOf(id) }).filter(([, value]) => value !== undefined));
  }

  get survivors(): readonly StoredDocument[] {
    return [...this.documents.values()];
  }
}
