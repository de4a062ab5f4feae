import { Arg, Ctx, Float, Int, Query, Resolver } from 'type-graphql';

import { MAX_QUEUES } from '../../stats/requests.js';
import type { StuckThreshold } from '../../stats/types.js';
import type { OperationContext } from '../context.js';
import { TaskTrackerConnection } from '../types/connection.js';
import { TIMEOUT_ARGUMENT, timeoutOf } from './arguments.js';

/** The thresholds of one queue, or of all there are. Beyond the first 1,000 queues the time-out given holds. */
async function thresholdsOf({ statistics }: OperationContext, queueName: string | null): Promise<readonly StuckThreshold[]> {
  const names = queueName === null ? (await statistics.queueNames()).slice(0, MAX_QUEUES) : [queueName];
  return statistics.stuckThresholds(names);
}

@Resolver()
export class StuckTasksResolver {
  @Query(() => TaskTrackerConnection, {
    description: 'A page of executions that have been processing for too long, the longest first. A page behind a cursor goes on there, by the thresholds that hold when it is asked for.',
  })
  async stuckTasks(
    @Arg('queueName', () => String, { nullable: true, description: 'Only of this queue. Default: of all.' }) queueName: string | null,
    @Arg('timeoutMs', () => Float, TIMEOUT_ARGUMENT) timeoutMs: number | null,
    @Arg('adaptive', () => Boolean, {
      nullable: false,
      defaultValue: false,
      description:
        "Whether each queue's own run times decide: three times the p99 of the last 24 hours, at least 1 minute and at most 24 hours. `timeoutMs` then holds for queues with fewer than 50 run times. `stuckThresholds` says what applied. Default false.",
    })
    adaptive: boolean,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50, description: 'How many rows: 1 to 200. Default 50.' }) first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the row behind which to start.' }) after: string | null,
    @Ctx() context: OperationContext,
  ): Promise<TaskTrackerConnection> {
    const { queries, feed } = context;
    const fallback = timeoutOf(timeoutMs);
    const thresholds = adaptive ? (await thresholdsOf(context, queueName ?? null)).map((each) => (each.adaptive ? each : { ...each, timeoutMs: fallback })) : null;
    const request = { queueName, timeoutMs: fallback, timeoutsByQueue: thresholds?.filter((each) => each.adaptive) };
    const feedCursor = feed.cursor();
    const page = await queries.stuck({ ...request, first, after });
    return new TaskTrackerConnection(page, feedCursor, () => queries.countStuck(request), thresholds);
  }
}
