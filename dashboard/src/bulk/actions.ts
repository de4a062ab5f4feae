import type { BulkAction, Operation } from './documents.js';

interface ActionLook {
  readonly label: string;
  /** `Retry 3 executions?` */
  readonly question: (what: string) => string;
  readonly doing: string;
  readonly done: string;
  readonly meaning: string;
  readonly reason: 'required' | 'optional';
  /** Cannot be taken back. */
  readonly danger: boolean;
}

export const BULK_ACTIONS = ['RETRY', 'MOVE_TO_DLQ', 'ARCHIVE', 'FAIL_STUCK', 'DELETE_ARCHIVED'] as const satisfies readonly BulkAction[];

export const ACTION_LOOKS: Readonly<Record<BulkAction, ActionLook>> = {
  RETRY: {
    label: 'Retry',
    question: (what) => `Retry ${what}?`,
    doing: 'Retrying',
    done: 'Retried',
    meaning: 'Those that failed or are dead letters: a new execution of each task is queued. One whose task is active, or was tried again since, is skipped.',
    reason: 'optional',
    danger: false,
  },
  MOVE_TO_DLQ: {
    label: 'Move to dead letters',
    question: (what) => `Move ${what} to the dead letters?`,
    doing: 'Moving',
    done: 'Moved',
    meaning: 'Those that failed are given up: from the dead letters they can be retried with a fresh budget, or archived.',
    reason: 'optional',
    danger: false,
  },
  ARCHIVE: {
    label: 'Archive',
    question: (what) => `Archive ${what}?`,
    doing: 'Archiving',
    done: 'Archived',
    meaning: 'Takes dead letters out for good: an archived execution cannot be retried.',
    reason: 'required',
    danger: true,
  },
  FAIL_STUCK: {
    label: 'Fail what is stuck',
    question: (what) => `Fail ${what}?`,
    doing: 'Failing',
    done: 'Failed',
    meaning: 'Those that have been processing for more than 30 minutes: for executions whose worker is gone. The reason becomes the error message.',
    reason: 'optional',
    danger: true,
  },
  DELETE_ARCHIVED: {
    label: 'Delete what is archived',
    question: (what) => `Delete ${what}?`,
    doing: 'Deleting',
    done: 'Deleted',
    meaning: 'The documents of archived executions, with the failed attempts before them, are gone for good.',
    reason: 'optional',
    danger: true,
  },
};

/** What is most likely meant by a list that is narrowed to these statuses. */
export function likelyAction(statuses: readonly string[] = []): BulkAction {
  const only = (status: string): boolean => statuses.length === 1 && statuses[0] === status;
  if (only('DLQ')) return 'ARCHIVE';
  if (only('ARCHIVED')) return 'DELETE_ARCHIVED';
  return only('PROCESSING') ? 'FAIL_STUCK' : 'RETRY';
}

export function executions(count: number): string {
  return count === 1 ? '1 execution' : `${count.toLocaleString('en-US')} executions`;
}

/** How an operation stands, in words. */
export function sumUp({ action, state, matched, processed, succeeded, skipped, failed, error }: Operation): string {
  const { doing, done } = ACTION_LOOKS[action];
  const number = (count: number): string => count.toLocaleString('en-US');
  if (state === 'RUNNING') return `${doing} ${number(processed)} of ${number(matched)}`;
  const parts = [`${done} ${executions(succeeded)}`];
  if (skipped > 0) parts.push(`${number(skipped)} skipped`);
  if (failed > 0) parts.push(`${number(failed)} failed`);
  if (processed < matched) parts.push(`${number(matched - processed)} not tried`);
  const text = `${parts.join(', ')}.`;
  if (state === 'CANCELLED') return `Cancelled: ${text}`;
  return state === 'FAILED' ? `Stopped: ${text} ${error ?? ''}` : text;
}
