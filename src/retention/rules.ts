import { archiveMany, deleteMany, type ManyMove } from '../lifecycle/many.js';
import { DEFAULT_RETENTION_DAYS, retentionReason } from '../model/moves.js';
import { TaskStatus } from '../model/status.js';
import type { MongoFilter } from '../queries/filter-to-mongo.js';

/** How long executions stay, in days; 0: for ever. */
export interface RetentionDays {
  /** In the dead-letter queue before they are archived. */
  readonly deadLetters: number;
  /** Archived before they are deleted. */
  readonly archived: number;
  /** Completed before they are deleted. */
  readonly completed: number;
}

export const DEFAULT_DAYS: RetentionDays = Object.freeze({ deadLetters: DEFAULT_RETENTION_DAYS, archived: 0, completed: 0 });

export type RuleName = keyof RetentionDays;

/** How many executions each rule was applied to: dead letters archived, the others deleted. */
export type RetentionCounts = Readonly<Record<RuleName, number>>;

export const NO_COUNTS: RetentionCounts = Object.freeze({ deadLetters: 0, archived: 0, completed: 0 });

export interface Rule {
  readonly name: RuleName;
  readonly days: number;
  readonly make: ManyMove;
  readonly reason: string;
  /** Which executions have stayed for long enough. */
  condition(now: Date): MongoFilter;
}

const DAY_MS = 24 * 60 * 60_000;

const SETTLED_BY: Readonly<Record<RuleName, { readonly status: TaskStatus; readonly field: string; readonly make: ManyMove }>> = {
  deadLetters: { status: TaskStatus.DLQ, field: 'failedAt', make: archiveMany },
  archived: { status: TaskStatus.ARCHIVED, field: 'archivedAt', make: deleteMany },
  completed: { status: TaskStatus.COMPLETED, field: 'completedAt', make: deleteMany },
};

/**
 * An execution is as old as the latest of: when it came to its state by its own field, when its document was last
 * written, and when it was created. No field says when it became a dead letter, but the move wrote `updatedAt`; and a
 * document that lacks some of these is judged by the others. One without any of them is left alone.
 */
function olderThan(field: string, instant: Date): MongoFilter {
  const fields = ['updatedAt', field, 'createdAt'];
  return {
    $and: fields.map((name) => ({ [name]: { $not: { $gte: instant } } })),
    $or: fields.map((name) => ({ [name]: { $lt: instant } })),
  };
}

/** The rules that are on. */
export function rulesOf(days: RetentionDays): readonly Rule[] {
  return (Object.keys(SETTLED_BY) as RuleName[])
    .filter((name) => days[name] > 0)
    .map((name) => {
      const { status, field, make } = SETTLED_BY[name];
      return {
        name,
        days: days[name],
        make,
        reason: retentionReason(days[name]),
        condition: (now) => ({ status, ...olderThan(field, new Date(now.getTime() - days[name] * DAY_MS)) }),
      };
    });
}
