import { ErrorCategory } from '../../src/model/error-category.js';
import { toExecution, type StoredDocument } from '../../src/model/execution.js';
import { fingerprintOf } from '../../src/model/fingerprint/fingerprint.js';

/**
 * Every figure anew from the documents as they are, in the plainest way: what the fold is compared with. It shares no
 * code with the fold but the model.
 */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
export const WIDTHS = { MINUTE, FIVE_MINUTES: 5 * MINUTE, HOUR, DAY } as const;
export type Width = keyof typeof WIDTHS;
const EVENTS = ['enqueued', 'started', 'completed', 'failed', 'dlq', 'archived'] as const;
const STATUSES = ['queued', 'processing', 'completed', 'failed', 'dlq', 'archived'] as const;
export type Status = (typeof STATUSES)[number];
const YEAR_10000 = Date.UTC(10_000, 0, 1);

const down = (at: number, width: number): number => at - (at % width);
const up = (at: number, width: number): number => Math.ceil(at / width) * width;

function instant(document: StoredDocument, field: string): number | null {
  const value = document[field];
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) return null;
  if (value.getTime() < 0) return 0;
  return Math.min(value.getTime(), YEAR_10000 - 1);
}

/** The latency between two fields, from what they hold. */
function between(document: StoredDocument, from: string, to: string): number {
  return Math.max(0, (document[to] as Date).getTime() - (document[from] as Date).getTime());
}

export function statusOf(document: StoredDocument): Status | 'unknown' {
  return STATUSES.find((status) => status === document['status']) ?? 'unknown';
}

export function queuesOf(document: StoredDocument): readonly string[] {
  const { queueName } = document;
  if (typeof queueName === 'string') return [queueName];
  if (!Array.isArray(queueName)) return [];
  return [...new Set(queueName.filter((name): name is string => typeof name === 'string'))];
}

/** When each event of a document happened. */
function eventsOf(document: StoredDocument): Record<(typeof EVENTS)[number], number | null> {
  const status = statusOf(document);
  return {
    enqueued: instant(document, 'enqueuedAt'),
    started: instant(document, 'processingStartedAt'),
    completed: instant(document, 'completedAt'),
    failed: instant(document, 'failedAt'),
    dlq: status === 'dlq' || status === 'archived' ? instant(document, 'failedAt') : null,
    archived: status === 'archived' ? instant(document, 'archivedAt') : null,
  };
}

function waitOf(document: StoredDocument): { at: number; ms: number } | null {
  const at = instant(document, 'processingStartedAt');
  if (at === null || instant(document, 'enqueuedAt') === null || statusOf(document) === 'queued') return null;
  return { at, ms: between(document, 'enqueuedAt', 'processingStartedAt') };
}

function runOf(document: StoredDocument): { at: number; ms: number } | null {
  if (instant(document, 'processingStartedAt') === null) return null;
  const status = statusOf(document);
  let end: string | null = null;
  if (status === 'completed') end = 'completedAt';
  if (status === 'failed' || status === 'dlq' || status === 'archived') end = 'failedAt';
  if (status === 'unknown') end = instant(document, 'completedAt') === null ? 'failedAt' : 'completedAt';
  const at = end === null ? null : instant(document, end);
  return at === null || end === null ? null : { at, ms: between(document, 'processingStartedAt', end) };
}

/** In which status a document stood just before an instant; null where it did not exist, or its status is unknown. */
function statusBefore(document: StoredDocument, at: number): Status | null {
  const status = statusOf(document);
  if (status === 'unknown') return null;
  const steps: [Status, number | null][] = [['queued', instant(document, 'enqueuedAt')]];
  if (status !== 'queued') steps.push(['processing', instant(document, 'processingStartedAt')]);
  if (status === 'completed') steps.push(['completed', instant(document, 'completedAt')]);
  if (status === 'failed') steps.push(['failed', instant(document, 'failedAt')]);
  if (status === 'dlq' || status === 'archived') steps.push(['dlq', instant(document, 'failedAt')]);
  if (status === 'archived') steps.push(['archived', instant(document, 'archivedAt')]);

  let stood: Status | null = null;
  let reached: number | null = null;
  for (const [index, [step, known]] of steps.entries()) {
    const isLast = index === steps.length - 1;
    if (known === null && !isLast) continue;
    if (known === null && reached === null) return step;
    reached = Math.max(known ?? 0, reached ?? 0);
    if (reached < at) stood = step;
  }
  return stood;
}

export interface ExactLatency {
  readonly sorted: readonly number[];
}

export interface NaiveBucket {
  readonly start: number;
  readonly events: Record<(typeof EVENTS)[number], number>;
  readonly wait: readonly number[];
  readonly run: readonly number[];
}

export interface NaiveGroup {
  readonly fingerprint: string;
  readonly category: ErrorCategory;
  readonly message: string;
  /** Of the range, the newest first. */
  readonly documents: readonly StoredDocument[];
  readonly queueNames: readonly string[];
  /** Of the 30 days. */
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
}

export const ascending = (a: number, b: number): number => a - b;
export const failedAt = (document: StoredDocument): number => instant(document, 'failedAt') ?? 0;

export class NaiveStatistics {
  constructor(
    readonly documents: readonly StoredDocument[],
    readonly now: number,
  ) {}

  get minuteStart(): number {
    return down(this.now - DAY, 5 * MINUTE);
  }

  get hourStart(): number {
    return down(this.now - 30 * DAY, DAY);
  }

  /** Instants from here on are too far ahead to be shown yet. */
  get end(): number {
    return down(this.now, HOUR) + 25 * HOUR;
  }

  /** A document that names several of the queues is there several times; null: each document once. */
  of(queueNames: readonly string[] | null): readonly StoredDocument[] {
    if (queueNames === null) return this.documents;
    return queueNames.flatMap((name) => this.documents.filter((document) => queuesOf(document).includes(name)));
  }

  get queueNames(): readonly string[] {
    return [...new Set(this.documents.flatMap(queuesOf))].sort();
  }

  counts(queueNames: readonly string[] | null): Record<Status | 'unknown', number> {
    const counts = { queued: 0, processing: 0, completed: 0, failed: 0, dlq: 0, archived: 0, unknown: 0 };
    for (const document of this.of(queueNames)) counts[statusOf(document)] += 1;
    return counts;
  }

  oldestQueuedAt(queueName: string): number | null {
    const waiting = this.of([queueName]).filter((document) => statusOf(document) === 'queued' && instant(document, 'enqueuedAt') !== null);
    return waiting.length === 0 ? null : Math.min(...waiting.map((document) => (document['enqueuedAt'] as Date).getTime()));
  }

  processing(queueName: string | null): readonly StoredDocument[] {
    return this.of(queueName === null ? null : [queueName]).filter(
      (document) => statusOf(document) === 'processing' && instant(document, 'processingStartedAt') !== null,
    );
  }

  #shown(at: number | null, start: number, width: number): boolean {
    const first = width < HOUR ? this.minuteStart : this.hourStart;
    return at !== null && at >= start && at < start + width && at >= first && at < this.end;
  }

  bucket(documents: readonly StoredDocument[], start: number, width: number): NaiveBucket {
    const events = { enqueued: 0, started: 0, completed: 0, failed: 0, dlq: 0, archived: 0 };
    for (const document of documents) {
      const happened = eventsOf(document);
      for (const event of EVENTS) if (this.#shown(happened[event], start, width)) events[event] += 1;
    }
    const within = (latencies: ({ at: number; ms: number } | null)[]): number[] =>
      latencies.flatMap((latency) => (latency !== null && this.#shown(latency.at, start, width) ? [latency.ms] : [])).sort(ascending);
    return { start, events, wait: within(documents.map(waitOf)), run: within(documents.map(runOf)) };
  }

  /** Run times of what ended in the last 24 h, to the minute. */
  runs(queueName: string): readonly number[] {
    const [from, to] = [down(this.now - DAY, MINUTE), down(this.now, MINUTE) + MINUTE];
    const runs = this.of([queueName]).map(runOf);
    return runs.flatMap((run) => (run !== null && run.at >= from && run.at < to ? [run.ms] : [])).sort(ascending);
  }

  depth(documents: readonly StoredDocument[], at: number): Record<Status, number> {
    const depth = { queued: 0, processing: 0, completed: 0, failed: 0, dlq: 0, archived: 0 };
    for (const document of documents) {
      const stood = statusBefore(document, at);
      if (stood !== null) depth[stood] += 1;
    }
    return depth;
  }

  /** Failures by kind: of the documents that name one of the queues, or of all. */
  errorGroups(queueNames: readonly string[] | null, from: number, to: number): readonly NaiveGroup[] {
    const firstWholeHour = up(this.minuteStart, HOUR);
    const lower = Math.max(from >= this.minuteStart ? down(from, MINUTE) : down(from, HOUR), this.hourStart);
    const upper = to === Infinity || from >= this.minuteStart || down(up(to, MINUTE), HOUR) >= firstWholeHour ? up(to, MINUTE) : up(to, HOUR);
    const end = to === Infinity ? Infinity : upper;
    const kinds = new Map<string, { category: ErrorCategory; message: string; documents: Set<StoredDocument> }>();
    for (const document of this.of(queueNames)) {
      const { failedAt: at, errorMessage, errorCategory } = toExecution(document);
      if (at === null || errorMessage === null || typeof document['errorMessage'] !== 'string' || failedAt(document) < this.hourStart) continue;
      const { fingerprint, message } = fingerprintOf(errorCategory, errorMessage);
      const kind = kinds.get(fingerprint) ?? { category: errorCategory ?? ErrorCategory.UNKNOWN, message, documents: new Set() };
      kinds.set(fingerprint, kind);
      kind.documents.add(document);
    }
    return [...kinds].flatMap(([fingerprint, { category, message, documents }]) => {
      const all = [...documents];
      const within = all.filter((document) => failedAt(document) >= lower && failedAt(document) < end);
      if (within.length === 0) return [];
      return {
        fingerprint,
        category,
        message,
        documents: within.sort((a, b) => failedAt(b) - failedAt(a)),
        queueNames: [...new Set(within.flatMap(queuesOf))].sort(),
        firstSeenAt: Math.min(...all.map(failedAt)),
        lastSeenAt: Math.max(...all.map(failedAt)),
      };
    });
  }
}
