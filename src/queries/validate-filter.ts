import { ErrorCategory } from '../model/error-category.js';
import { type FailureKind, readFingerprint } from '../model/fingerprint/fingerprint.js';
import { ShownStatus } from '../model/status.js';
import { metadataPath } from './metadata-path.js';
import type { MetadataScalar, TaskFilter } from './types.js';
import { instant, list, oneOf, refuse, text, wholeNumber } from './validate.js';

const MAX_LIST = 100;
const MAX_EXECUTION_IDS = 200;
const MAX_METADATA_CONDITIONS = 20;
const INT32_MAX = 2_147_483_647;

export interface ValidMetadataFilter {
  readonly path: string;
  /** The value at the path is one of these: `eq` and `in` alike. */
  readonly anyOf: readonly (readonly MetadataScalar[])[];
  readonly exists: boolean | undefined;
}

/** A filter that was checked: every value has its declared type and size, and only conditions that restrict are there. */
export interface ValidFilter extends Omit<{ readonly [K in keyof TaskFilter]: Exclude<TaskFilter[K], null> }, 'fingerprint' | 'metadata'> {
  readonly fingerprint?: FailureKind;
  readonly metadata?: readonly ValidMetadataFilter[];
}

type Check = (value: unknown, field: readonly string[]) => unknown;

const plainText: Check = (value, field) => text(value, field);
const texts: Check = (value, field) => list(value, field, MAX_LIST, text);

const CHECKS: Readonly<Record<keyof TaskFilter, Check>> = {
  queueName: texts,
  status: (value, field) => list(value, field, MAX_LIST, oneOf(Object.values(ShownStatus))),
  errorCategory: (value, field) => list(value, field, MAX_LIST, oneOf(Object.values(ErrorCategory))),
  taskId: plainText,
  taskIdPrefix: plainText,
  executionId: (value, field) => list(value, field, MAX_EXECUTION_IDS, text),
  fingerprint: failureKind,
  enqueuedAfter: instant,
  enqueuedBefore: instant,
  updatedAfter: instant,
  updatedBefore: instant,
  failedAfter: instant,
  failedBefore: instant,
  minRetryCount: (value, field) => wholeNumber(value, field, 0, INT32_MAX),
  metadata: (value, field) => list(value, field, MAX_METADATA_CONDITIONS, metadataFilter),
};

/**
 * Checks what a caller gave, who may be JavaScript: nothing is trusted, nothing is converted.
 * @param field the path that errors start with
 * @throws InvalidInputError naming the field and what would be right
 */
export function validateFilter(filter: TaskFilter | null | undefined, field: readonly string[] = ['filter']): ValidFilter {
  if (filter === null || filter === undefined) return {};
  if (typeof filter !== 'object' || Array.isArray(filter)) return refuse(field, 'must be an object');
  const valid: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(filter)) {
    if (value === null || value === undefined) continue;
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name as keyof TaskFilter] : undefined;
    if (!check) return refuse([...field, name], `is no condition; there are ${Object.keys(CHECKS).join(', ')}`);
    valid[name] = check(value, [...field, name]);
  }
  return valid;
}

function failureKind(value: unknown, field: readonly string[]): FailureKind {
  const kind = readFingerprint(text(value, field));
  if (kind === null) return refuse(field, 'is no fingerprint: pass one that an error group gave');
  if (kind.isOther) return refuse(field, 'stands for many kinds of errors that have no group of their own: filter by errorCategory instead');
  return kind;
}

function metadataFilter(value: unknown, field: readonly string[]): ValidMetadataFilter {
  if (typeof value !== 'object' || value === null) return refuse(field, 'must be an object with a path');
  const given = value as Readonly<Record<string, unknown>>;
  const path = metadataPath(given['path'], [...field, 'path']);
  const scalar: (value: unknown, field: readonly string[]) => MetadataScalar = (each, at) => metadataScalar(each, at, path);
  const anyOf: (readonly MetadataScalar[])[] = [];
  if (given['eq'] !== undefined) anyOf.push([scalar(given['eq'], [...field, 'eq'])]);
  if (given['in'] !== undefined && given['in'] !== null) anyOf.push(list(given['in'], [...field, 'in'], MAX_LIST, scalar));
  const exists = given['exists'] ?? undefined;
  if (exists !== undefined && typeof exists !== 'boolean') return refuse([...field, 'exists'], 'must be true or false');
  if (anyOf.length === 0 && exists === undefined) return refuse(field, `needs eq, in or exists: nothing is asked of ${JSON.stringify(path)}`);
  return { path, anyOf, exists };
}

function metadataScalar(value: unknown, field: readonly string[], path: string): MetadataScalar {
  if (typeof value === 'string') return text(value, field);
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return refuse(field, `must be a string, a number, true, false or null: the value at ${JSON.stringify(path)} is compared with it, never with an object or a list`);
}
