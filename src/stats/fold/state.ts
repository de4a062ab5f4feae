import { Arena } from './arena.js';
import { ProcessingOrder } from './active.js';
import { ErrorGroups } from './error-groups.js';
import { Future } from './future.js';
import { Queues } from './queues.js';
import { Series } from './series.js';
import type { FoldOptions } from './types.js';
import { MAX_HOURS, MAX_MINUTES } from './windows.js';

const DEFAULT_MAX_QUEUES = 1_000;
const DEFAULT_MAX_QUEUE_NAMES = 100_000;
const DEFAULT_MAX_ERROR_GROUPS = 2_000;

const SERIES_BYTES = 4 * (MAX_MINUTES + MAX_HOURS) + 700;
const QUEUE_BYTES = 400;
const PROCESSING_BYTES = 100;
const FUTURE_MINUTE_BYTES = 500;

/** All that a fold holds. */
export class FoldState {
  readonly arena = new Arena();
  readonly series = new Map<number, Series>();
  /** Of all documents, and of the queues without buckets of their own. */
  readonly all: Series;
  readonly others: Series;
  /** Of no documents: what is read of a queue that has no buckets. */
  readonly none = new Series(-1, this.arena);
  nextSeriesId = 0;
  /** How many documents name their queues by a list. */
  listed = 0;
  readonly queues: Queues;
  /** Of all documents, whatever queues they name. */
  readonly processing = new ProcessingOrder();
  readonly future = new Future();
  readonly groups: ErrorGroups;

  constructor({ maxQueues = DEFAULT_MAX_QUEUES, maxQueueNames = DEFAULT_MAX_QUEUE_NAMES, maxErrorGroups = DEFAULT_MAX_ERROR_GROUPS }: FoldOptions) {
    this.all = this.openSeries();
    this.others = this.openSeries();
    this.queues = new Queues({ maxQueues, maxQueueNames }, this.others, () => this.openSeries());
    this.groups = new ErrorGroups(maxErrorGroups);
  }

  openSeries(): Series {
    const series = new Series(this.nextSeriesId++, this.arena);
    this.series.set(series.id, series);
    return series;
  }

  closeSeries(series: Series): void {
    series.release();
    this.series.delete(series.id);
  }

  /** Bytes by a rough count: of small objects by what they take on a 64-bit machine. */
  get size(): number {
    const { arena, series, queues, processing, future, groups } = this;
    return (
      arena.size +
      series.size * SERIES_BYTES +
      queues.entries.size * QUEUE_BYTES +
      2 * processing.places.size * PROCESSING_BYTES +
      future.size * FUTURE_MINUTE_BYTES +
      groups.size
    );
  }
}
