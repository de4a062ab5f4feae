import { readReason } from '../lifecycle/validation.js';
import { DEFAULT_STUCK_TIMEOUT_MS } from '../model/task-tracker.js';
import { conjunction, filterToMongo, type MongoFilter } from '../queries/filter-to-mongo.js';
import { scopeCondition } from '../queries/scope.js';
import type { TaskFilter } from '../queries/types.js';
import { oneOf, refuse, spanMs, wholeNumber } from '../queries/validate.js';
import { validateFilter } from '../queries/validate-filter.js';
import { type QueueScope } from '../access/queue-scope.js';
import { ACTIONS } from './actions.js';
import { BULK_ACTIONS, type BulkAction, type BulkRequest } from './types.js';

export interface RequestLimits {
  /** How many executions an operation may be about that gives no limit. */
  readonly defaultLimit: number;
  /** The highest limit that may be given. */
  readonly maxLimit: number;
}

/** What was asked for, checked; plain values that a document can hold. */
export interface ValidRequest {
  readonly action: BulkAction;
  readonly filter: TaskFilter;
  readonly reason: string | null;
  readonly limit: number | null;
  readonly timeoutMs: number | null;
  /** For FAIL_STUCK: the latest instant at which what is stuck was started. */
  readonly startedBefore: Date | null;
}

/** Without what is no condition, and with prototypes: parsers of GraphQL make objects that have none. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([name, inner]) => (inner === undefined ? [] : [[name, plain(inner)]])));
}

function withoutNulls(filter: TaskFilter): TaskFilter {
  return Object.fromEntries(Object.entries(filter).flatMap(([name, value]) => (value === null || value === undefined ? [] : [[name, plain(value)]])));
}

/** @param forReal whether it is to be done, and not only looked at @throws InvalidInputError naming the field */
export function readRequest(request: BulkRequest, limits: RequestLimits, now: Date, forReal: boolean): ValidRequest {
  const action = oneOf(BULK_ACTIONS)(request.action, ['action']);
  if (typeof request.filter !== 'object' || request.filter === null) return refuse(['filter'], 'must be an object; {} is every execution');
  validateFilter(request.filter);
  const { needsReason, takesTimeout } = ACTIONS[action];
  const reason = readReason(request.reason) ?? null;
  if (needsReason && reason === null && forReal) return refuse(['reason'], `must say why: ${action} keeps it with each execution`);
  const limit = request.limit ?? null;
  if (limit !== null) wholeNumber(limit, ['limit'], 1, limits.maxLimit);
  if (!takesTimeout && (request.timeoutMs ?? null) !== null) return refuse(['timeoutMs'], 'goes with FAIL_STUCK only');
  const timeoutMs = takesTimeout ? spanMs(request.timeoutMs ?? DEFAULT_STUCK_TIMEOUT_MS, ['timeoutMs']) : null;
  return {
    action,
    filter: withoutNulls(request.filter),
    reason,
    limit,
    timeoutMs,
    startedBefore: timeoutMs === null ? null : new Date(now.getTime() - timeoutMs),
  };
}

/**
 * Which executions an operation is about: those that match its filter, stand in queues of whoever asked, and in a state
 * that its action begins in. Asked when it is counted, and again of each execution when its turn has come.
 * @throws InvalidInputError for a filter that cannot be taken
 */
export function conditionOf(request: Pick<ValidRequest, 'action' | 'filter' | 'startedBefore'>, queues: QueueScope | null): MongoFilter {
  const { from } = ACTIONS[request.action];
  const conditions: MongoFilter[] = [filterToMongo(validateFilter(request.filter)), { status: { $in: [...from] } }];
  if (queues !== null) conditions.push(scopeCondition(queues));
  if (request.startedBefore !== null) conditions.push({ processingStartedAt: { $lt: request.startedBefore } });
  return conjunction(conditions);
}
