import { isTaskStatus, TASK_STATUSES, type ShownStatus } from '../model/status.js';
import type { StoredExecutions } from '../queries/executions.js';
import type { Counted, Fold, StatusCounts } from './fold/types.js';
import type { FoldObserver, ScannedFold } from './scanned-fold.js';

const STATUSES: readonly ShownStatus[] = [...TASK_STATUSES, 'unknown'];
const NONE: StatusCounts = { queued: 0, processing: 0, completed: 0, failed: 0, dlq: 0, archived: 0, unknown: 0 };

/** A count that is not what the database says. */
export interface Drift {
  readonly queueName: string;
  readonly status: ShownStatus;
  /** What the database counted. */
  readonly counted: number;
  /** What the fold held while it did: least and greatest. */
  readonly held: readonly [number, number];
}

/** How many documents stand in each status of each queue, as the database counted them. */
export type Counts = ReadonlyMap<string, StatusCounts>;

/** What a count was while the database counted. */
interface Bounds {
  least: number;
  greatest: number;
  readonly start: number;
  came: number;
  left: number;
}

function namesOf(image: Counted | null): readonly string[] {
  const queueName = image?.stored['queueName'];
  if (typeof queueName === 'string') return [queueName];
  return Array.isArray(queueName) ? queueName.filter((name) => typeof name === 'string') : [];
}

/** Watches a fold, to tell afterwards whether counts that were taken at some instant meanwhile can be right. */
export class CountsWatch implements FoldObserver {
  readonly #fold: Pick<Fold, 'counts' | 'queueNames'>;
  readonly #bounds = new Map<string, Readonly<Record<ShownStatus, Bounds>>>();

  constructor(fold: Pick<Fold, 'counts' | 'queueNames'>) {
    this.#fold = fold;
  }

  before(removed: Counted | null, added: Counted | null): void {
    for (const name of [...namesOf(removed), ...namesOf(added)]) {
      if (!this.#bounds.has(name)) this.#bounds.set(name, boundsOf(this.#fold.counts(name) ?? NONE));
    }
  }

  after(removed: Counted | null, added: Counted | null): void {
    for (const name of new Set([...namesOf(removed), ...namesOf(added)])) {
      const counts = this.#fold.counts(name) ?? NONE;
      const bounds = this.#bounds.get(name);
      if (bounds === undefined) continue;
      for (const status of STATUSES) {
        bounds[status].least = Math.min(bounds[status].least, counts[status]);
        bounds[status].greatest = Math.max(bounds[status].greatest, counts[status]);
      }
    }
    for (const name of new Set(namesOf(removed))) this.#bound(name, removed).left += 1;
    for (const name of new Set(namesOf(added))) this.#bound(name, added).came += 1;
  }

  #bound(name: string, image: Counted | null): Bounds {
    const status = image?.stored['status'];
    const bounds = this.#bounds.get(name) as Readonly<Record<ShownStatus, Bounds>>;
    return bounds[isTaskStatus(status) ? status : 'unknown'];
  }

  /**
   * The counts that cannot be right. Of a count that nothing touched: whatever is not equal. Of one that was touched:
   * what it never was; or where the database did not count at one instant, what no choice of instants gives.
   */
  compare(counted: Counts, atOneInstant: boolean): readonly Drift[] {
    const drift: Drift[] = [];
    for (const queueName of new Set([...this.#fold.queueNames(), ...counted.keys()])) {
      const now = this.#fold.counts(queueName) ?? { ...NONE, exact: true };
      if (!now.exact) continue;
      for (const status of STATUSES) {
        const bounds = this.#bounds.get(queueName)?.[status];
        const value = counted.get(queueName)?.[status] ?? 0;
        let held: readonly [number, number] = [now[status], now[status]];
        if (bounds !== undefined) held = atOneInstant ? [bounds.least, bounds.greatest] : [bounds.start - bounds.left, bounds.start + bounds.came];
        if (value < held[0] || value > held[1]) drift.push({ queueName, status, counted: value, held });
      }
    }
    return drift;
  }
}

function boundsOf(counts: StatusCounts): Readonly<Record<ShownStatus, Bounds>> {
  const bounds = (status: ShownStatus): Bounds => {
    const start = counts[status];
    return { least: start, greatest: start, start, came: 0, left: 0 };
  };
  return Object.fromEntries(STATUSES.map((status) => [status, bounds(status)])) as Record<ShownStatus, Bounds>;
}

/** Every count of the collection, by one aggregate. */
async function countAll(executions: StoredExecutions): Promise<{ counts: Counts; atOneInstant: boolean }> {
  return executions.inOneCut(async (session) => {
    const pipeline = [{ $group: { _id: { queueName: '$queueName', status: '$status' }, count: { $sum: 1 } } }];
    const rows = await executions.aggregate(pipeline, { session, fromPrimary: true });
    const counts = new Map<string, Record<ShownStatus, number>>();
    for (const { _id, count } of rows) {
      const { queueName, status } = _id as { queueName?: unknown; status?: unknown };
      const names: readonly unknown[] = Array.isArray(queueName) ? [...new Set<unknown>(queueName)] : [queueName];
      for (const name of names) {
        if (typeof name !== 'string') continue;
        const cells = counts.get(name) ?? { ...NONE };
        counts.set(name, cells);
        cells[isTaskStatus(status) ? status : 'unknown'] += Number(count);
      }
    }
    return { counts, atOneInstant: session !== undefined };
  });
}

/**
 * Compares every count of the fold with an aggregate, while changes go on: what the fold held from before the aggregate
 * was asked for, until all that was committed before its answer has come, must include what the aggregate says.
 *
 * @returns what is wrong: nothing, unless events were missed
 */
export async function reconcile(
  scan: ScannedFold,
  executions: StoredExecutions,
  barrier: () => Promise<void>,
): Promise<readonly Drift[]> {
  const watch = new CountsWatch(scan.fold);
  scan.observer = watch;
  try {
    const { counts, atOneInstant } = await countAll(executions);
    await barrier();
    return watch.compare(counts, atOneInstant);
  } finally {
    scan.observer = null;
  }
}
