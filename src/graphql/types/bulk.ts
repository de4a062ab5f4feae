import { Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';

import type { Execution } from '../../model/execution.js';
import { DateTime } from '../../model/scalars.js';
import { TaskTracker } from '../../model/task-tracker.js';
import type { BulkAction as BulkActionName, BulkOperation as Operation, BulkState as BulkStateName } from '../../operations/types.js';
import { TaskFilter } from './inputs.js';
import { TaskUserError } from './payloads.js';

export const BulkAction = {
  RETRY: 'RETRY',
  ARCHIVE: 'ARCHIVE',
  MOVE_TO_DLQ: 'MOVE_TO_DLQ',
  FAIL_STUCK: 'FAIL_STUCK',
  DELETE_ARCHIVED: 'DELETE_ARCHIVED',
} as const satisfies { readonly [Name in BulkActionName]: Name };

registerEnumType(BulkAction, {
  name: 'BulkAction',
  description: 'What is done to each execution. Executions in other states than it begins in are not matched.',
  valuesConfig: {
    RETRY: { description: 'FAILED or DLQ: tried again, as by `retryTask`. Of a failed one only the latest attempt of its task.' },
    ARCHIVE: { description: 'DLQ: taken out of the dead-letter queue for good, as by `archiveTask`. Needs a reason.' },
    MOVE_TO_DLQ: { description: 'FAILED: given up to the operators, as by `moveTaskToDlq`.' },
    FAIL_STUCK: { description: 'PROCESSING for longer than `timeoutMs`: failed, as by `failTask` (INFRASTRUCTURE, recoverable); the reason is the `errorMessage`. For executions whose worker is gone.' },
    DELETE_ARCHIVED: { description: 'ARCHIVED: its document is deleted, and those of the failed attempts of its task that came before it in the same queue.' },
  },
});

export const BulkState = {
  RUNNING: 'RUNNING',
  COMPLETED: 'COMPLETED',
  CANCELLED: 'CANCELLED',
  FAILED: 'FAILED',
} as const satisfies { readonly [Name in BulkStateName]: Name };

registerEnumType(BulkState, {
  name: 'BulkState',
  description: 'Where a bulk operation stands.',
  valuesConfig: {
    RUNNING: { description: 'Under way, or waiting for a replica of the API that takes it up.' },
    COMPLETED: { description: 'Every execution was dealt with: see `succeeded`, `skipped` and `failed`.' },
    CANCELLED: { description: 'Stopped by somebody: what was done until then stays done.' },
    FAILED: { description: 'It cannot be gone on with; `error` says why. What was done until then stays done.' },
  },
});

@InputType({ description: 'What to do to all executions that match a filter.' })
export class BulkInput {
  @Field(() => BulkAction, { description: 'What to do to each.' })
  action!: BulkActionName;

  @Field(() => TaskFilter, { description: 'Which executions; `{}` is all of them. Only those in a state that the action begins in are matched.' })
  filter!: TaskFilter;

  @Field(() => String, { nullable: true, description: 'Why; kept with each execution as the move of one keeps it, and in the audit log. ARCHIVE needs one. At most 2,048 characters.' })
  reason?: string | null;

  @Field(() => Boolean, { nullable: false, defaultValue: false, description: 'Only say what would be done: `preview` is answered and nothing is written. Default false.' })
  dryRun!: boolean;

  @Field(() => Int, { nullable: true, description: 'Deal with the first so many only, by their `_id`. 1 to 100,000 unless the server is set up otherwise. Default: with all, which is TOO_MANY_MATCHES for more than 10,000.' })
  limit?: number | null;

  @Field(() => Float, { nullable: true, description: 'For FAIL_STUCK: how long an execution must have been processing, in ms: 0 to 315,360,000,000 (10 years). Default 1,800,000 (30 minutes).' })
  timeoutMs?: number | null;
}

@ObjectType({
  description:
    'A change of many executions, made in the background. It is about the executions that matched when it was asked for, and no others; each is looked at again when its turn comes. Kept for 30 days after its end.',
})
export class BulkOperation implements Omit<Operation, 'filter' | 'failures'> {
  @Field(() => ID, { description: 'Names the operation; no global id.' })
  id!: string;

  @Field(() => BulkAction, { description: 'What is done to each execution.' })
  action!: BulkActionName;

  @Field(() => BulkState, { description: 'Where it stands.' })
  state!: BulkStateName;

  @Field(() => Int, { description: 'How many executions it is about.' })
  matched!: number;

  @Field(() => Int, { description: 'How many were dealt with: `succeeded` + `skipped` + `failed`. Equals `matched` when it is COMPLETED. After a crash it is what had been done, exactly.' })
  processed!: number;

  @Field(() => Int, { description: 'How many were changed.' })
  succeeded!: number;

  @Field(() => Int, { description: 'How many were left alone because others had changed them meanwhile, or have seen to their task: no longer matching, gone, active again, or superseded by a newer attempt.' })
  skipped!: number;

  @Field(() => Int, { description: 'How many could not be changed; `userErrors` has the first 20.' })
  failed!: number;

  @Field(() => String, { nullable: true, description: 'Why, as it was given.' })
  reason!: string | null;

  @Field(() => Int, { nullable: true, description: 'The limit that was given.' })
  limit!: number | null;

  @Field(() => String, { description: 'Name of who asked for it. It acts with their rights, as they were then.' })
  requestedBy!: string;

  @Field(() => String, { nullable: true, description: 'Name of who cancelled it.' })
  cancelledBy!: string | null;

  @Field(() => DateTime, { description: 'When it was asked for.' })
  startedAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it ended; null while it is RUNNING.' })
  finishedAt!: Date | null;

  @Field(() => String, { nullable: true, description: 'Why it is FAILED.' })
  error!: string | null;
}

@ObjectType({ description: 'What a bulk operation would do now.' })
export class BulkPreview {
  @Field(() => BulkAction, { description: 'What would be done to each execution.' })
  action!: BulkActionName;

  @Field(() => Int, { description: 'How many executions match now, whatever the limit.' })
  matched!: number;

  @Field(() => [TaskTracker], { description: 'The first of them, in the order in which they would be dealt with. At most 20.' })
  sample!: readonly Execution[];
}

@ObjectType({ description: 'What became of `bulk` or `cancelBulkOperation`.' })
export class BulkPayload {
  @Field(() => BulkOperation, { nullable: true, description: 'The operation as it stands; null for a preview, and where it was refused.' })
  operation!: Operation | null;

  @Field(() => BulkPreview, { nullable: true, description: 'For `dryRun`.' })
  preview!: BulkPreview | null;

  @Field(() => [TaskUserError], { description: 'Empty on success. Of a preview: what the operation would be refused with.' })
  userErrors!: readonly TaskUserError[];
}
