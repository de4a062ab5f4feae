import type { FeedTap, OpenTap, TappedFeed, TaskChangeEvent } from '../feed/types.js';
import { TaskStatus } from '../model/status.js';
import type { StoredExecutions } from '../queries/executions.js';
import { countedOf } from './counted.js';
import { documentKey } from './fold/document-key.js';
import { createFold } from './fold/fold.js';
import type { Counted, ProcessingEntry, QueueSelection } from './fold/types.js';
import type { ProcessingSource } from './stuck-watch.js';

const FIELDS = { queueName: 1, status: 1, enqueuedAt: 1, processingStartedAt: 1 } as const;
const BATCH = 500;
const NO_LIMIT = { maxQueues: 1_000_000, maxQueueNames: 1_000_000 };

export interface StoredProcessingOptions {
  readonly executions: StoredExecutions;
  readonly feed: TappedFeed;
  readonly clock: () => number;
  /** Called after a change was taken in. */
  readonly onChange: (event: TaskChangeEvent) => void;
  /** The feed lost its place: this one is of no use any more. */
  readonly onLost: () => void;
}

/**
 * What is being processed, while no fold says so: one read of the database, kept right by the feed. The last image of a
 * document decides, so it does not matter whether the read saw a change before the feed brought it.
 */
export class StoredProcessing implements ProcessingSource, FeedTap {
  readonly #options: StoredProcessingOptions;
  readonly #fold;
  readonly #known = new Map<string, Counted>();
  /** What changed while the read was under way. */
  #touched: Set<string> | null = new Set();
  readonly #tap: OpenTap;

  constructor(options: StoredProcessingOptions) {
    this.#options = options;
    this.#fold = createFold({ clock: options.clock, ...NO_LIMIT });
    this.#tap = options.feed.tap(this);
  }

  /** Resolves when it holds everything. */
  async load(): Promise<void> {
    await this.#options.executions.each({ status: TaskStatus.PROCESSING }, { projection: FIELDS, batchSize: BATCH }, (document) => {
      const counted = countedOf(document);
      if (!this.#touched?.has(documentKey(counted._id))) this.#set(counted._id, counted);
      return true;
    });
    this.#touched = null;
  }

  onEvent(event: TaskChangeEvent): void {
    this.#touched?.add(documentKey(event.documentId));
    this.#set(event.documentId, event.task);
    this.#options.onChange(event);
  }

  onLost(): void {
    this.#options.onLost();
  }

  #set(documentId: unknown, after: Counted | null): void {
    const key = documentKey(documentId);
    const before = this.#known.get(key) ?? null;
    const now = after?.status === TaskStatus.PROCESSING ? processingPart(after) : null;
    if (before === null && now === null) return;
    this.#fold.apply(before, now);
    if (now === null) this.#known.delete(key);
    else this.#known.set(key, now);
  }

  processing(queueName: QueueSelection, after: ProcessingEntry | null, limit: number): readonly ProcessingEntry[] {
    return this.#fold.processing(queueName, after, limit);
  }

  queueNames(): readonly string[] {
    return this.#fold.queueNames();
  }

  close(): void {
    this.#tap.close();
  }
}

/** No more of a document than has to be remembered. */
function processingPart({ _id, status, enqueuedAt, processingStartedAt, stored }: Counted): Counted {
  return {
    _id,
    status,
    enqueuedAt,
    processingStartedAt,
    completedAt: null,
    failedAt: null,
    archivedAt: null,
    errorMessage: null,
    errorCategory: null,
    stored: { queueName: stored['queueName'], status: stored['status'] },
  };
}
