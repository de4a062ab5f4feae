import { z } from 'zod';

import { ErrorCategory } from '../model/error-category.js';
import { InvalidInputError } from '../model/errors.js';
import { DEFAULT_MAX_RETRIES, DEFAULT_MESSAGE_VERSION } from '../model/execution.js';
import { EARLIEST, ILL_FORMED, isWellFormed, LATEST } from '../queries/validate.js';
import { checkMetadata } from './metadata.js';
import { MAX_ERROR_MESSAGE_BYTES, MAX_ERROR_STACK_BYTES, truncateUtf8 } from './text.js';

/** Longest taskId, executionId, queueName, messageVersion and actor name, in UTF-16 units after trimming. */
export const MAX_NAME_LENGTH = 512;
/** Longest reason for a retry or an archival, in UTF-16 units after trimming. */
export const MAX_REASON_LENGTH = 2048;
export const MAX_RETRIES_LIMIT = 1000;

const trimmed = (max: number) =>
  z
    .string('must be a string')
    .trim()
    .min(1, 'must not be empty')
    .max(max, `must not be longer than ${max} characters`)
    .refine(isWellFormed, ILL_FORMED);

/** The database ends the names of keys at a NUL, and tools of the command line the text. */
const name = trimmed(MAX_NAME_LENGTH).refine((text) => !text.includes('\0'), 'must not contain the character U+0000');

const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);

/** Absent or blank: undefined. */
const optionalReason = z
  .string('must be a string')
  .trim()
  .max(MAX_REASON_LENGTH, `must not be longer than ${MAX_REASON_LENGTH} characters`)
  .refine(isWellFormed, ILL_FORMED)
  .nullish()
  .transform((value) => value || undefined);

const enqueueInput = z.object({
  taskId: name,
  queueName: name,
  executionId: optional(name),
  messageVersion: name.nullish().transform((value) => value ?? DEFAULT_MESSAGE_VERSION),
  maxRetries: z
    .int(`must be a whole number from 0 to ${MAX_RETRIES_LIMIT}`)
    .min(0, `must be a whole number from 0 to ${MAX_RETRIES_LIMIT}`)
    .max(MAX_RETRIES_LIMIT, `must be a whole number from 0 to ${MAX_RETRIES_LIMIT}`)
    .nullish()
    .transform((value) => value ?? DEFAULT_MAX_RETRIES),
  metadata: z
    .unknown()
    .optional()
    .transform((value) => checkMetadata(value ?? {})),
  enqueuedAt: optional(z.date('must be a valid date').min(EARLIEST, 'must lie in the years 1 to 9999').max(LATEST, 'must lie in the years 1 to 9999')),
  dedupWithinMs: optional(
    z.number('must be a number of milliseconds, 0 or more').min(0, 'must be a number of milliseconds, 0 or more'),
  ),
});

const failInput = z.object({
  executionId: name,
  errorMessage: z.string('must be a string').transform((text) => truncateUtf8(text, MAX_ERROR_MESSAGE_BYTES)),
  errorCategory: z
    .enum(ErrorCategory, `must be one of ${Object.values(ErrorCategory).join(', ')}`)
    .nullish()
    .transform((value) => value ?? ErrorCategory.UNKNOWN),
  errorStack: optional(z.string('must be a string').transform((text) => truncateUtf8(text, MAX_ERROR_STACK_BYTES))),
  recoverable: z
    .boolean('must be true or false')
    .nullish()
    .transform((value) => value ?? true),
});

const retryInput = z.object({ executionId: name, reason: optionalReason });
const archiveInput = z.object({ executionId: name, reason: trimmed(MAX_REASON_LENGTH) });
const actorInput = z.object({ name });

function reader<T extends z.ZodType>(schema: T, prefix: readonly string[] = []): (input: unknown) => z.output<T> {
  return (input) => {
    const result = schema.safeParse(input);
    if (result.success) return result.data;
    const issue = result.error.issues[0];
    const field = [...prefix, ...(issue?.path ?? []).map(String)];
    throw new InvalidInputError(field, `${field.join('.') || 'input'}: ${issue?.message ?? 'is not valid'}`);
  };
}

/*
 * What a caller gave, as what a move may write: every string is a string (trimmed as the original model trims it),
 * every default filled in. Anything else throws InvalidInputError naming the field, before the database is asked.
 */
export const readEnqueueInput = reader(enqueueInput);
export const readFailInput = reader(failInput);
export const readRetryInput = reader(retryInput);
export const readArchiveInput = reader(archiveInput);
export const readActor = reader(actorInput, ['actor']);
export const readExecutionId = reader(name, ['executionId']);
export const readReason = reader(optionalReason, ['reason']);

export type ValidFailInput = z.output<typeof failInput>;
export type ValidEnqueueInput = z.output<typeof enqueueInput>;
