import type { GraphQLError } from 'graphql';

import { TaskTrackerError } from '../../model/errors.js';

/** The list is longer than an export may be. */
export class ExportTooLargeError extends TaskTrackerError {
  readonly code = 'EXPORT_TOO_LARGE';
  readonly field = ['filter'];

  constructor(count: number, most: number) {
    super(`filter: it finds ${count} executions, and an export has at most ${most}. Narrow the filter, or ask for the first with limit=${most}.`);
  }
}

/** More rows came to a list, while it was exported, than an export may have. */
export class ExportOutgrownError extends TaskTrackerError {
  readonly code = 'EXPORT_TOO_LARGE';

  constructor(most: number) {
    super(`the list grew beyond ${most} rows while it was exported`);
  }
}

/** No execution has this taskId. */
export class NoSuchTaskError extends TaskTrackerError {
  readonly code = 'NOT_FOUND';
  readonly field = ['taskId'];

  constructor(taskId: string) {
    super(`taskId: ${JSON.stringify(taskId)} has no executions.`);
  }
}

/** The API has refused to read. */
export class ExportFailedError extends Error {
  constructor(readonly errors: readonly GraphQLError[]) {
    super(errors[0]?.message, { cause: errors[0] });
    this.name = 'ExportFailedError';
  }
}
