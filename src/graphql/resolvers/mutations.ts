import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';

import { DuplicateElsewhereError } from '../../lifecycle/errors.js';
import type { MoveResult } from '../../lifecycle/types.js';
import type { OperationContext } from '../context.js';
import { refusalOf } from '../errors.js';
import { ArchiveTaskInput, EnqueueTaskInput, FailTaskInput, RetryTaskInput } from '../types/inputs.js';
import { EnqueueTaskPayload, RetryTaskPayload, TransitionPayload } from '../types/payloads.js';

const INPUT = ['input'] as const;
const NO_ERRORS = Object.freeze([]);
const EXECUTION_ARGUMENT = { description: 'Which execution.' } as const;

async function transition(move: () => Promise<MoveResult>, prefix: readonly string[] = []): Promise<TransitionPayload> {
  try {
    const { execution, changed } = await move();
    return { task: execution, changed, userErrors: NO_ERRORS };
  } catch (error) {
    const { execution, userErrors } = refusalOf(error, prefix);
    return { task: execution, changed: false, userErrors };
  }
}

/** The moves of an execution's life. What is refused comes back in the payload; only requests and systems that fail are errors. */
@Resolver()
export class MutationResolver {
  @Mutation(() => EnqueueTaskPayload, {
    description:
      'Puts a task in a queue. Where an execution of its taskId is queued or processing, nothing is written and that one is returned with `deduplicated: true`. ' +
      'An `executionId` that exists is DUPLICATE_EXECUTION.',
  })
  async enqueueTask(
    @Arg('input', () => EnqueueTaskInput, { description: 'The task.' }) input: EnqueueTaskInput,
    @Ctx() { lifecycle }: OperationContext,
  ): Promise<EnqueueTaskPayload> {
    try {
      const { execution, deduplicated } = await lifecycle.enqueue(input);
      return { task: execution, deduplicated, userErrors: NO_ERRORS };
    } catch (error) {
      if (error instanceof DuplicateElsewhereError) return { task: null, deduplicated: true, userErrors: NO_ERRORS };
      const { execution, userErrors } = refusalOf(error, INPUT);
      return { task: execution, deduplicated: false, userErrors };
    }
  }

  @Mutation(() => TransitionPayload, {
    description:
      'A worker takes a queued execution: queued → processing. Of any number of callers exactly one gets `changed: true` and may process it; the others get ALREADY_STARTED.',
  })
  startTask(@Arg('executionId', () => ID, EXECUTION_ARGUMENT) executionId: string, @Ctx() { lifecycle }: OperationContext): Promise<TransitionPayload> {
    return transition(() => lifecycle.start(executionId));
  }

  @Mutation(() => TransitionPayload, {
    description: 'The work is done: processing → completed. Completing twice is `changed: false`; from any other state it is INVALID_TRANSITION.',
  })
  completeTask(@Arg('executionId', () => ID, EXECUTION_ARGUMENT) executionId: string, @Ctx() { lifecycle }: OperationContext): Promise<TransitionPayload> {
    return transition(() => lifecycle.complete(executionId));
  }

  @Mutation(() => TransitionPayload, {
    description:
      'The work failed: processing → failed, or straight to the dead-letter queue where retries are exhausted or the error is not recoverable. Failing twice is `changed: false` and keeps the first report; from any other state it is INVALID_TRANSITION.',
  })
  failTask(
    @Arg('input', () => FailTaskInput, { description: 'How it failed.' }) input: FailTaskInput,
    @Ctx() { lifecycle }: OperationContext,
  ): Promise<TransitionPayload> {
    return transition(() => lifecycle.fail(input), INPUT);
  }

  @Mutation(() => RetryTaskPayload, {
    description:
      'Tries a task again with a new, queued execution. From failed: `retryCount` + 1, RETRIES_EXHAUSTED beyond `maxRetries`. ' +
      'From the dead-letter queue: a fresh budget, and the old execution becomes archived. CONFLICT where another execution of the task is active.',
  })
  async retryTask(
    @Arg('input', () => RetryTaskInput, { description: 'What to retry, and why.' }) input: RetryTaskInput,
    @Ctx() { lifecycle, caller }: OperationContext,
  ): Promise<RetryTaskPayload> {
    try {
      const { execution, previous } = await lifecycle.retry(input, caller);
      return { task: execution, previous, userErrors: NO_ERRORS };
    } catch (error) {
      const { execution, userErrors } = refusalOf(error, INPUT);
      // A CONFLICT is about another execution, the active one, which the message names.
      const isPrevious = execution?.executionId === input.executionId.trim();
      return { task: null, previous: isPrevious ? execution : null, userErrors };
    }
  }

  @Mutation(() => TransitionPayload, {
    description: 'Gives a failed execution up to the operators: failed → dead-letter queue. From any other state it is INVALID_TRANSITION.',
  })
  moveTaskToDlq(
    @Arg('executionId', () => ID, EXECUTION_ARGUMENT) executionId: string,
    @Arg('reason', () => String, { nullable: true, description: 'Why, for the log. At most 2,048 characters.' }) reason: string | null,
    @Ctx() { lifecycle, caller }: OperationContext,
  ): Promise<TransitionPayload> {
    return transition(() => lifecycle.moveToDeadLetters(executionId, reason, caller));
  }

  @Mutation(() => TransitionPayload, {
    description: 'Takes an execution out of the dead-letter queue for good: dead-letter queue → archived. From any other state it is INVALID_TRANSITION.',
  })
  archiveTask(
    @Arg('input', () => ArchiveTaskInput, { description: 'What to archive, and why.' }) input: ArchiveTaskInput,
    @Ctx() { lifecycle, caller }: OperationContext,
  ): Promise<TransitionPayload> {
    return transition(() => lifecycle.archive(input, caller), INPUT);
  }
}
