import { ErrorCategory } from '../model/error-category.js';
import type { FailureKind } from '../model/fingerprint/fingerprint.js';
import { patternOf } from '../model/fingerprint/pattern.js';
import { ShownStatus, TASK_STATUSES } from '../model/status.js';
import { prefixRange } from './text-range.js';
import { EARLIEST, LATEST } from './validate.js';
import type { ValidFilter, ValidMetadataFilter } from './validate-filter.js';

/** A condition in MongoDB's language. */
export type MongoFilter = Readonly<Record<string, unknown>>;

/** Stored categories that `unknown` does not stand for: all of ours but itself, and none at all. */
const CLASSIFIED: readonly (ErrorCategory | null)[] = [...Object.values(ErrorCategory).filter((each) => each !== ErrorCategory.UNKNOWN), null];

/** All conditions at once: one flat object, which planners like, with `$and` for operators and for what names a field again. */
export function conjunction(conditions: readonly MongoFilter[]): MongoFilter {
  const flat: Record<string, unknown> = {};
  const rest: MongoFilter[] = [];
  const add = (condition: MongoFilter): void => {
    for (const [key, value] of Object.entries(condition)) {
      if (key === '$and') (value as readonly MongoFilter[]).forEach(add);
      else if (key.startsWith('$') || Object.hasOwn(flat, key)) rest.push({ [key]: value });
      else flat[key] = value;
    }
  };
  conditions.forEach(add);
  return rest.length === 0 ? flat : { ...flat, $and: rest };
}

function anyOf(values: readonly unknown[]): unknown {
  return values.length === 1 ? { $eq: values[0] } : { $in: [...values] };
}

function statusCondition(wanted: readonly ShownStatus[]): unknown {
  if (!wanted.includes(ShownStatus.UNKNOWN)) return anyOf(wanted);
  return { $nin: TASK_STATUSES.filter((status) => !wanted.includes(status)) };
}

function categoryCondition(wanted: readonly ErrorCategory[]): unknown {
  if (!wanted.includes(ErrorCategory.UNKNOWN)) return anyOf(wanted);
  return { $nin: CLASSIFIED.filter((category) => category === null || !wanted.includes(category)) };
}

const NAMED_CATEGORIES: readonly ErrorCategory[] = Object.values(ErrorCategory).filter((each) => each !== ErrorCategory.UNKNOWN);
const NO_LIST = { $not: { $type: 'array' } } as const;

/** What is shown as a failure of this kind. A list is shown as something else than its entries, which MongoDB looks at. */
function kindConditions({ category, message }: FailureKind): MongoFilter[] {
  const isCategory: MongoFilter =
    category === ErrorCategory.UNKNOWN
      ? { $or: [{ errorCategory: { $nin: [...NAMED_CATEGORIES] } }, { errorCategory: { $type: 'array' } }] }
      : { errorCategory: { $eq: category, ...NO_LIST } };
  return [isCategory, { failedAt: { $gt: EARLIEST, $lt: LATEST, ...NO_LIST } }, { errorMessage: { $regex: patternOf(message), ...NO_LIST } }];
}

function between(after: Date | undefined, before: Date | undefined): unknown {
  return { ...(after && { $gt: after }), ...(before && { $lt: before }) };
}

function metadataConditions({ path, anyOf: lists, exists }: ValidMetadataFilter): MongoFilter[] {
  const field = `metadata.${path}`;
  const conditions: MongoFilter[] = lists.map((values) => ({ [field]: anyOf(values) }));
  if (exists !== undefined) conditions.push({ [field]: { $exists: exists } });
  return conditions;
}

/**
 * The filter in MongoDB's language. Every value stands behind an operator of ours, so none can become one.
 * `matcherOf` (filter-matches.ts) says the same about one document; a property test holds the two together.
 */
export function filterToMongo(filter: ValidFilter): MongoFilter {
  const conditions: MongoFilter[] = [];
  if (filter.executionId) conditions.push({ executionId: anyOf(filter.executionId) });
  if (filter.taskId !== undefined) conditions.push({ taskId: { $eq: filter.taskId } });
  if (filter.taskIdPrefix !== undefined) conditions.push({ taskId: prefixRange(filter.taskIdPrefix) });
  if (filter.queueName) conditions.push({ queueName: anyOf(filter.queueName) });
  if (filter.status) conditions.push({ status: statusCondition(filter.status) });
  if (filter.errorCategory) conditions.push({ errorCategory: categoryCondition(filter.errorCategory) });
  if (filter.fingerprint) conditions.push(...kindConditions(filter.fingerprint));
  if (filter.enqueuedAfter ?? filter.enqueuedBefore) conditions.push({ enqueuedAt: between(filter.enqueuedAfter, filter.enqueuedBefore) });
  if (filter.updatedAfter ?? filter.updatedBefore) conditions.push({ updatedAt: between(filter.updatedAfter, filter.updatedBefore) });
  if (filter.failedAfter ?? filter.failedBefore) conditions.push({ failedAt: between(filter.failedAfter, filter.failedBefore) });
  if (filter.minRetryCount !== undefined) {
    conditions.push({ retryCount: filter.minRetryCount === 0 ? { $not: { $lt: 0 } } : { $gte: filter.minRetryCount } });
  }
  for (const each of filter.metadata ?? []) conditions.push(...metadataConditions(each));
  return conjunction(conditions);
}
