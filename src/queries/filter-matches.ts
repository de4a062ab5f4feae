import { ErrorCategory, isErrorCategory } from '../model/error-category.js';
import type { Execution, StoredDocument } from '../model/execution.js';
import type { FailureKind } from '../model/fingerprint/fingerprint.js';
import { normalise } from '../model/fingerprint/normalise.js';
import { isTaskStatus, ShownStatus } from '../model/status.js';
import { compareNumber, equalsScalar } from './bson-scalar.js';
import { successorOfPrefix } from './text-range.js';
import type { TaskFilter } from './types.js';
import { EARLIEST, LATEST } from './validate.js';
import { validateFilter, type ValidFilter, type ValidMetadataFilter } from './validate-filter.js';
import { valuesAtPath } from './values-at-path.js';

export type Matcher = (execution: Execution) => boolean;
type Test = (document: StoredDocument) => boolean;

/** MongoDB asks a condition of a value, and of each entry where the value is a list. */
function some(value: unknown, test: (value: unknown) => boolean): boolean {
  return test(value) || (Array.isArray(value) && value.some(test));
}

function oneOfTexts(field: string, values: readonly string[]): Test {
  const wanted = new Set<unknown>(values);
  return (document) => some(document[field], (value) => wanted.has(value));
}

function statusTest(values: readonly ShownStatus[]): Test {
  const wanted = new Set<unknown>(values);
  if (!wanted.has(ShownStatus.UNKNOWN)) return oneOfTexts('status', values);
  return (document) => !some(document['status'], (value) => isTaskStatus(value) && !wanted.has(value));
}

function categoryTest(values: readonly ErrorCategory[]): Test {
  const wanted = new Set<unknown>(values);
  if (!wanted.has(ErrorCategory.UNKNOWN)) return oneOfTexts('errorCategory', values);
  return (document) =>
    !some(document['errorCategory'], (value) => value === null || value === undefined || (isErrorCategory(value) && !wanted.has(value)));
}

function kindTest({ category, message }: FailureKind): Test {
  return ({ errorCategory, errorMessage, failedAt }) => {
    if (!(failedAt instanceof Date) || failedAt <= EARLIEST || failedAt >= LATEST || typeof errorMessage !== 'string') return false;
    return (isErrorCategory(errorCategory) ? errorCategory : ErrorCategory.UNKNOWN) === category && normalise(errorMessage) === message;
  };
}

function startsWith(prefix: string): Test {
  // Two questions, as the range asks them: of a list, different entries may answer.
  const end = successorOfPrefix(prefix);
  const bytes = Buffer.from(prefix);
  const endBytes = end === undefined ? undefined : Buffer.from(end);
  return ({ taskId }) => {
    if (typeof taskId === 'string') return taskId.startsWith(prefix);
    if (!Array.isArray(taskId)) return false;
    const entries = taskId.filter((entry): entry is string => typeof entry === 'string').map((entry) => Buffer.from(entry));
    return entries.some((entry) => entry.compare(bytes) >= 0) && (endBytes === undefined || entries.some((entry) => entry.compare(endBytes) < 0));
  };
}

function after(field: string, instant: Date): Test {
  return (document) => some(document[field], (value) => value instanceof Date && value.getTime() > instant.getTime());
}

function before(field: string, instant: Date): Test {
  return (document) => some(document[field], (value) => value instanceof Date && value.getTime() < instant.getTime());
}

function atLeast(field: string, minimum: number): Test {
  if (minimum === 0) return (document) => !some(document[field], (value) => compareNumber(value, 0) < 0);
  return (document) => some(document[field], (value) => compareNumber(value, minimum) >= 0);
}

function metadataTests({ path, anyOf, exists }: ValidMetadataFilter): Test[] {
  const names = ['metadata', ...path.split('.')];
  const tests: Test[] = anyOf.map((scalars) => (document) => {
    return valuesAtPath(document, names).some((value) => scalars.some((scalar) => equalsScalar(value, scalar)));
  });
  if (exists !== undefined) tests.push((document) => valuesAtPath(document, names).some((value) => value !== undefined) === exists);
  return tests;
}

function testsOf(filter: ValidFilter): Test[] {
  const tests: Test[] = [];
  if (filter.executionId) tests.push(oneOfTexts('executionId', filter.executionId));
  if (filter.taskId !== undefined) tests.push(oneOfTexts('taskId', [filter.taskId]));
  if (filter.taskIdPrefix !== undefined) tests.push(startsWith(filter.taskIdPrefix));
  if (filter.queueName) tests.push(oneOfTexts('queueName', filter.queueName));
  if (filter.status) tests.push(statusTest(filter.status));
  if (filter.errorCategory) tests.push(categoryTest(filter.errorCategory));
  if (filter.fingerprint) tests.push(kindTest(filter.fingerprint));
  if (filter.enqueuedAfter) tests.push(after('enqueuedAt', filter.enqueuedAfter));
  if (filter.enqueuedBefore) tests.push(before('enqueuedAt', filter.enqueuedBefore));
  if (filter.updatedAfter) tests.push(after('updatedAt', filter.updatedAfter));
  if (filter.updatedBefore) tests.push(before('updatedAt', filter.updatedBefore));
  if (filter.failedAfter) tests.push(after('failedAt', filter.failedAfter));
  if (filter.failedBefore) tests.push(before('failedAt', filter.failedBefore));
  if (filter.minRetryCount !== undefined) tests.push(atLeast('retryCount', filter.minRetryCount));
  for (const each of filter.metadata ?? []) tests.push(...metadataTests(each));
  return tests;
}

/**
 * The filter as a predicate over executions: pure, never throws, selects what the same filter selects in the database.
 * Made once per subscription, asked once per event.
 * @throws InvalidInputError for a bad filter, when it is made
 */
export function matcherOf(filter: TaskFilter | null | undefined): Matcher {
  const tests = testsOf(validateFilter(filter));
  return ({ stored }) => tests.every((test) => test(stored));
}

const FIELDS_OF: Readonly<Record<Exclude<keyof TaskFilter, 'metadata'>, readonly string[]>> = {
  queueName: ['queueName'],
  status: ['status'],
  errorCategory: ['errorCategory'],
  taskId: ['taskId'],
  taskIdPrefix: ['taskId'],
  executionId: ['executionId'],
  fingerprint: ['errorCategory', 'errorMessage', 'failedAt'],
  enqueuedAfter: ['enqueuedAt'],
  enqueuedBefore: ['enqueuedAt'],
  updatedAfter: ['updatedAt'],
  updatedBefore: ['updatedAt'],
  failedAfter: ['failedAt'],
  failedBefore: ['failedAt'],
  minRetryCount: ['retryCount'],
};

/**
 * Names of the stored fields that decide whether the filter matches, metadata as dotted paths: a change of none of
 * these (nor of a part or the whole of one) can make an execution enter or leave.
 * @throws InvalidInputError for a bad filter
 */
export function fieldsOfFilter(filter: TaskFilter | null | undefined): readonly string[] {
  const valid = validateFilter(filter);
  const fields = new Set<string>(valid.metadata?.map(({ path }) => `metadata.${path}`));
  for (const name of Object.keys(valid)) {
    if (name !== 'metadata') for (const field of FIELDS_OF[name as keyof typeof FIELDS_OF]) fields.add(field);
  }
  return [...fields];
}
