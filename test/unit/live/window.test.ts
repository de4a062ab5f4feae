import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { foldStep, type Step } from '../../../src/live/fold.js';
import { documentKey, rowOf } from '../../../src/live/row.js';
import { LiveWindow, type ReadRequest, REPLACED } from '../../../src/live/window.js';
import { type Execution, toExecution } from '../../../src/model/execution.js';
import { comparePositions, directionOf, positionOf } from '../../../src/queries/keyset.js';
import type { TaskOrder } from '../../../src/queries/types.js';

type Write = readonly [id: number, key: unknown, listed: boolean] | readonly [id: number];

/** The keys of the order: dates, other kinds, and regular expressions, whose order only the "database" knows. */
const KEYS: readonly unknown[] = [1, 2, 3, 4, 5, 6].map((n) => new Date(n)).concat([null, 'a', 7, [new Date(2), new Date(9)], [], { a: 1 }] as never[]);
const REGEXES: readonly unknown[] = [/a/, /b/, [/c/, /d/]];

/** Stands for the database: the documents now, what happened to them, and reads in its own order. */
class Collection {
  readonly documents = new Map<number, Execution>();
  readonly events: { readonly id: number; readonly task: Execution | null }[] = [];

  constructor(readonly order: TaskOrder) {}

  write([id, key, listed]: Write): void {
    const before = this.documents.get(id) ?? null;
    if (listed === undefined) this.documents.delete(id);
    else this.documents.set(id, toExecution({ _id: id, enqueuedAt: key, status: listed ? 'queued' : 'failed', retryCount: this.events.length }));
    const task = this.documents.get(id) ?? null;
    if (before !== null || task !== null) this.events.push({ id, task });
  }

  compare(a: Execution, b: Execution): number {
    const direction = directionOf(this.order);
    const [one, other] = [a, b].map(({ stored }) => positionOf(stored, 'enqueuedAt', direction)) as [ReturnType<typeof positionOf>, ReturnType<typeof positionOf>];
    const order = comparePositions(one, other, direction);
    if (!Number.isNaN(order)) return order;
    return (String(one.key) < String(other.key) ? -1 : String(one.key) > String(other.key) ? 1 : Number(one.id) - Number(other.id)) * direction;
  }

  read({ behind, limit }: ReadRequest): Execution[] {
    const listed = [...this.documents.values()].filter(isListed).sort((a, b) => this.compare(a, b));
    return listed.filter((task) => behind === null || this.compare(task, behind) > 0).slice(0, limit);
  }
}

const isListed = (task: Execution): boolean => task.status === 'queued';

/** A window, the client that folds its steps, and the feed between the collection and it. */
class Follower {
  readonly window: LiveWindow;
  client: readonly Execution[] | null = null;
  #taken = 0;
  #read: { readonly request: ReadRequest; found: Execution[] | null } | null = null;

  constructor(
    readonly collection: Collection,
    readonly first: number,
    reserve: number,
  ) {
    this.window = new LiveWindow({ first, reserve, order: collection.order });
  }

  takeEvent(): boolean {
    const event = this.collection.events[this.#taken];
    if (event === undefined) return false;
    this.#taken += 1;
    this.fold(this.window.apply(documentKey(event.id), event.task && isListed(event.task) ? rowOf(event.task, this.collection.order) : null));
    return true;
  }

  beginRead(): boolean {
    if (this.#read !== null || this.window.wants === null) return false;
    this.#read = { request: this.window.begin(), found: null };
    return true;
  }

  /** The database answers at some moment between; in two parts where `at` lies within the answer. */
  answer(part: number, between: () => void): void {
    if (this.#read === null || this.#read.found !== null) return;
    const { request } = this.#read;
    const head = this.collection.read({ ...request, limit: Math.min(part, request.limit) });
    between();
    const last = head.at(-1);
    const rest = head.length === part && last ? this.collection.read({ behind: last, limit: request.limit - head.length }) : [];
    this.#read.found = [...head, ...(part < request.limit ? rest : [])];
  }

  finishRead(): boolean {
    if (this.#read?.found == null) return false;
    const { request, found } = this.#read;
    this.#read = null;
    const outcome = this.window.finish(request, found);
    if (outcome === REPLACED) this.client = this.window.list;
    else this.fold(outcome);
    return true;
  }

  failRead(): void {
    if (this.#read === null) return;
    this.window.abandon(this.#read.request);
    this.#read = null;
  }

  fold(steps: readonly Step[]): void {
    for (const step of steps) {
      const list = this.client ?? [];
      expect(this.client, 'a step ahead of the first list').not.toBeNull();
      expect(step.index).toBeGreaterThanOrEqual(0);
      expect(step.index).toBeLessThan(step.kind === 'ENTER' ? list.length + 1 : list.length);
      if (step.kind !== 'ENTER') expect(list[step.index]?._id).toBe(step.execution._id);
      this.client = foldStep(list, step);
      expect(this.client.length).toBeLessThanOrEqual(this.first);
    }
    if (!this.window.stale) expect(this.client).toEqual(this.window.list);
  }

  /** Until every event was taken and nothing is to be read. */
  settle(): void {
    for (let turns = 0; turns < 10_000; turns += 1) {
      if (this.takeEvent()) continue;
      this.answer(1_000, () => undefined);
      if (!this.finishRead() && !this.beginRead()) return;
    }
    throw new Error('does not settle');
  }

  get expected(): readonly Execution[] {
    return this.collection.read({ behind: null, limit: this.first });
  }
}

const id = fc.integer({ min: 0, max: 14 });
const keys = (strange: boolean) => fc.constantFrom(...KEYS, ...(strange ? REGEXES : []));
const write = (strange: boolean): fc.Arbitrary<Write> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.tuple(id, keys(strange), fc.boolean()) },
    { weight: 3, arbitrary: fc.tuple(id, keys(strange), fc.constant(true)) },
    { weight: 2, arbitrary: fc.tuple(id) },
  );

type Turn = { readonly kind: 'write' | 'between'; readonly write: Write; readonly part: number } | { readonly kind: 'event' | 'begin' | 'finish' | 'fail' | 'reset' };

const turn = (strange: boolean): fc.Arbitrary<Turn> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('write' as const), write: write(strange), part: fc.constant(0) }) },
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('event' as const) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('begin' as const) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('between' as const), write: write(strange), part: fc.integer({ min: 1, max: 6 }) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('finish' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('fail' as const, 'reset' as const) }) },
  );

const size = fc.record({ first: fc.integer({ min: 1, max: 5 }), reserve: fc.integer({ min: 0, max: 4 }), direction: fc.constantFrom('ASC' as const, 'DESC' as const) });

function play(turns: readonly Turn[], { first, reserve, direction }: { first: number; reserve: number; direction: 'ASC' | 'DESC' }): Follower {
  const collection = new Collection({ field: 'enqueuedAt', direction });
  const follower = new Follower(collection, first, reserve);
  for (const each of turns) {
    if (each.kind === 'write') collection.write(each.write);
    else if (each.kind === 'between') follower.answer(each.part, () => collection.write(each.write));
    else if (each.kind === 'event') follower.takeEvent();
    else if (each.kind === 'begin') follower.beginRead();
    else if (each.kind === 'finish') follower.finishRead();
    else if (each.kind === 'fail') follower.failRead();
    else follower.window.reset();
  }
  follower.settle();
  return follower;
}

describe('the window of a live list', () => {
  it('is the list of the database when every change has come, however reads and changes overtook each other', () => {
    fc.assert(
      fc.property(fc.array(turn(false), { maxLength: 150, size: 'max' }), size, (turns, options) => {
        const follower = play(turns, options);
        expect(follower.client).toEqual(follower.expected);
      }),
      { numRuns: 1_500 },
    );
  });

  it('is so too where the order of some rows is known to the database alone', () => {
    fc.assert(
      fc.property(fc.array(turn(true), { maxLength: 100, size: 'max' }), size, (turns, options) => {
        const follower = play(turns, options);
        expect(follower.client).toEqual(follower.expected);
      }),
      { numRuns: 1_000 },
    );
  });

  it('reads the list again after the feed has lost its place, whatever was missed', () => {
    const collection = new Collection({ field: 'enqueuedAt', direction: 'ASC' });
    const follower = new Follower(collection, 3, 1);
    for (const n of [1, 2, 3]) collection.write([n, new Date(n), true]);
    follower.settle();
    collection.write([4, new Date(0), true]);
    collection.events.pop();
    follower.window.reset();
    follower.settle();
    expect(follower.client?.map(({ _id }) => _id)).toEqual([4, 1, 2]);
  });

  it('follows each row that leaves from its reserve, and reads only when that runs short', () => {
    const collection = new Collection({ field: 'enqueuedAt', direction: 'ASC' });
    const follower = new Follower(collection, 4, 4);
    for (let n = 0; n < 20; n += 1) collection.write([n, new Date(n), true]);
    follower.settle();
    const reads: number[] = [];
    for (let n = 0; n < 12; n += 1) {
      collection.write([n]);
      follower.takeEvent();
      expect(follower.client).toEqual(follower.expected);
      if (follower.window.wants !== null) {
        reads.push(n);
        expect(follower.window.wants).toBe('more');
        follower.settle();
      }
    }
    expect(reads).toEqual([2, 5, 8, 11]);
  });

  it('tells a change in place as an update, and a move as a leave and an enter', () => {
    const collection = new Collection({ field: 'enqueuedAt', direction: 'ASC' });
    const follower = new Follower(collection, 3, 2);
    for (const n of [1, 3, 5, 7]) collection.write([n, new Date(n), true]);
    follower.settle();
    const steps = (change: Write): string[] => {
      collection.write(change);
      const { task } = collection.events.at(-1) ?? { task: null };
      return follower.window
        .apply(documentKey(change[0]), task && isListed(task) ? rowOf(task, collection.order) : null)
        .map(({ kind, index, execution }) => `${kind} ${index} ${String(execution._id)}`);
    };
    expect(steps([3, new Date(4), true])).toEqual(['UPDATE 1 3']);
    expect(steps([1, new Date(6), true])).toEqual(['LEAVE 0 1', 'ENTER 2 1']);
    expect(steps([7, new Date(2), true])).toEqual(['LEAVE 2 1', 'ENTER 0 7']);
    expect(steps([1, new Date(6), false])).toEqual([]);
    expect(steps([3])).toEqual(['LEAVE 1 3']);
    expect(steps([9, new Date(9), true])).toEqual(['ENTER 2 9']);
    expect(steps([10, new Date(10), true])).toEqual([]);
    expect(steps([7, new Date(11), true])).toEqual(['LEAVE 0 7', 'ENTER 2 10']);
  });

  it('forgets what the database reads in another order than it compares, at the next change', () => {
    const order = { field: 'enqueuedAt', direction: 'ASC' } as const;
    const window = new LiveWindow({ first: 2, reserve: 0, order });
    const task = (n: number): Execution => toExecution({ _id: n, enqueuedAt: new Date(n), status: 'queued' });
    expect(window.finish(window.begin(), [task(2), task(1)])).toBe(REPLACED);
    expect(window.list.map(({ _id }) => _id)).toEqual([2, 1]);
    expect(window.apply(documentKey(3), rowOf(task(3), order))).toEqual([]);
    expect(window.wants).toBe('all');
  });
});

describe('the key of a document', () => {
  it('tells _ids of different types apart', () => {
    const keys = [1, '1', true, new Date(1), null, { a: 1 }, { $oid: '0123456789abcdef01234567' }].map(documentKey);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
