import { ErrorCategory, isErrorCategory } from './error-category.js';
import { isTaskStatus, ShownStatus } from './status.js';

/**
 * One document of `task_trackers` as readers see it: every field has its declared type, whatever the document holds.
 * `irregularities` says in words where the stored document differs from that, so nothing is hidden.
 */
export interface Execution {
  /** The document's `_id` as stored; usually an ObjectId, but old tools may have written others. */
  readonly _id: unknown;
  readonly taskId: string;
  readonly executionId: string;
  readonly queueName: string;
  readonly messageVersion: string;
  readonly status: ShownStatus;
  readonly enqueuedAt: Date;
  readonly processingStartedAt: Date | null;
  readonly completedAt: Date | null;
  readonly failedAt: Date | null;
  readonly archivedAt: Date | null;
  readonly retryCount: number;
  readonly maxRetries: number;
  readonly lastRetryAt: Date | null;
  readonly errorMessage: string | null;
  readonly errorCategory: ErrorCategory | null;
  readonly errorStack: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly archivedReason: string | null;
  readonly archivedBy: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly irregularities: readonly string[];
  /** The document itself. Filters are decided on it, so that the database and the feed select the same executions. */
  readonly stored: StoredDocument;
}

/** A document as the driver returns it: nothing about it is certain but that it is an object. */
export type StoredDocument = Readonly<Record<string, unknown>>;

/** What a document without `maxRetries` counts as having: the default of the original model. */
export const DEFAULT_MAX_RETRIES = 5;
export const DEFAULT_MESSAGE_VERSION = '1.0';
const INT32_MAX = 2_147_483_647;
const NONE: readonly string[] = Object.freeze([]);

/** Longest extract of a strange value that an irregularity quotes, in characters. */
const QUOTE_LIMIT = 60;

/** String(value) that does not fail on an object whose own `toString` is no function, as a document's may be. */
function asText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

function quote(value: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(value) ?? asText(value);
  } catch {
    text = asText(value);
  }
  return text.length > QUOTE_LIMIT ? `${text.slice(0, QUOTE_LIMIT)}…` : text;
}

/**
 * Reads values of a document's fields, and collects what is wrong with them; allocates nothing while nothing is. It is handed
 * the values: to look each up by the field's name takes longer than all that is done with them.
 */
class Reader {
  found: string[] | null = null;

  note(text: string): void {
    (this.found ??= []).push(text);
  }

  text(field: string, value: unknown): string | null {
    if (typeof value === 'string') return value;
    if (value === undefined || value === null) return null;
    this.note(`${field}: ${quote(value)} is not a string`);
    return typeof value === 'object' ? quote(value) : asText(value);
  }

  requiredText(field: string, value: unknown, fallback: string): string {
    return this.text(field, value) ?? this.missing(field, fallback);
  }

  missing(field: string, fallback: string): string {
    this.note(`${field} is missing`);
    return fallback;
  }

  instant(field: string, value: unknown): Date | null {
    if (value === undefined || value === null) return null;
    if (value instanceof Date && !Number.isNaN(value.getTime())) return value;
    this.note(`${field}: ${quote(value)} is not a date`);
    return null;
  }

  count(field: string, value: unknown, fallback: number): number {
    if (value === undefined || value === null) return fallback;
    if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= INT32_MAX) return value;
    this.note(`${field}: ${quote(value)} is not a whole number of 32 bits`);
    return fallback;
  }

  status(value: unknown): ShownStatus {
    if (isTaskStatus(value)) return value;
    this.note(value === undefined ? 'status is missing' : `status: ${quote(value)} is not a known status`);
    return ShownStatus.UNKNOWN;
  }

  errorCategory(value: unknown): ErrorCategory | null {
    if (value === undefined || value === null) return null;
    if (isErrorCategory(value)) return value;
    this.note(`errorCategory: ${quote(value)} is not a known category`);
    return ErrorCategory.UNKNOWN;
  }

  metadata(value: unknown): Readonly<Record<string, unknown>> {
    if (value === undefined || value === null) return {};
    if (typeof value === 'object' && !Array.isArray(value) && Object.getPrototypeOf(value) === Object.prototype) {
      return value as Record<string, unknown>;
    }
    this.note('metadata is not an object: it is shown under the key "value"');
    return { value };
  }
}

/** The instant inside an ObjectId, without depending on the driver that made it. */
function instantOfId(id: unknown): Date | null {
  if (typeof id !== 'object' || id === null || !('getTimestamp' in id)) return null;
  const read = id.getTimestamp;
  return typeof read === 'function' ? (read.call(id) as Date) : null;
}

/**
 * The reader's view of a stored document. Total: it never throws, whatever the document holds.
 * Fallbacks: a missing taskId or queueName is '', a missing executionId is the `_id` as text,
 * enqueuedAt and createdAt stand in for each other, then the instant in the `_id`, then 1970;
 * a missing updatedAt is createdAt; a missing retryCount is 0, maxRetries 5, messageVersion '1.0', metadata {}.
 */
export function toExecution(document: StoredDocument): Execution {
  const read = new Reader();
  const id = document['_id'];
  const enqueuedAt = read.instant('enqueuedAt', document['enqueuedAt']);
  const createdAt = read.instant('createdAt', document['createdAt']);
  if (enqueuedAt === null && (document['enqueuedAt'] ?? null) === null) read.note('enqueuedAt is missing');
  if (createdAt === null && (document['createdAt'] ?? null) === null) read.note('createdAt is missing');
  const born = createdAt ?? enqueuedAt ?? instantOfId(id) ?? new Date(0);
  return {
    _id: id,
    taskId: read.requiredText('taskId', document['taskId'], ''),
    executionId: read.text('executionId', document['executionId']) ?? read.missing('executionId', asText(id)),
    queueName: read.requiredText('queueName', document['queueName'], ''),
    messageVersion: read.text('messageVersion', document['messageVersion']) ?? DEFAULT_MESSAGE_VERSION,
    status: read.status(document['status']),
    enqueuedAt: enqueuedAt ?? born,
    processingStartedAt: read.instant('processingStartedAt', document['processingStartedAt']),
    completedAt: read.instant('completedAt', document['completedAt']),
    failedAt: read.instant('failedAt', document['failedAt']),
    archivedAt: read.instant('archivedAt', document['archivedAt']),
    retryCount: read.count('retryCount', document['retryCount'], 0),
    maxRetries: read.count('maxRetries', document['maxRetries'], DEFAULT_MAX_RETRIES),
    lastRetryAt: read.instant('lastRetryAt', document['lastRetryAt']),
    errorMessage: read.text('errorMessage', document['errorMessage']),
    errorCategory: read.errorCategory(document['errorCategory']),
    errorStack: read.text('errorStack', document['errorStack']),
    metadata: read.metadata(document['metadata']),
    archivedReason: read.text('archivedReason', document['archivedReason']),
    archivedBy: read.text('archivedBy', document['archivedBy']),
    createdAt: born,
    updatedAt: read.instant('updatedAt', document['updatedAt']) ?? born,
    irregularities: read.found ?? NONE,
    stored: document,
  };
}
