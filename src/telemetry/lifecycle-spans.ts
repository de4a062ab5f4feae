import { type Span, SpanKind, type Tracer } from '@opentelemetry/api';

import type { Lifecycle } from '../lifecycle/types.js';
import { TaskTrackerError } from '../model/errors.js';
import type { Execution } from '../model/execution.js';
import type { MoveName } from '../model/moves.js';
import { failSpan } from './tracer.js';
import { traceOf } from './trace-context.js';

interface Moved {
  readonly execution: Execution;
  readonly changed?: boolean;
  readonly deduplicated?: boolean;
}

function describe(span: Span, { execution, changed, deduplicated }: Moved): void {
  const { taskId, executionId, queueName, status, retryCount, metadata } = execution;
  span.setAttributes({
    'tasktracker.task.id': taskId,
    'tasktracker.execution.id': executionId,
    'tasktracker.queue': queueName,
    'tasktracker.status': status,
    'tasktracker.retry_count': retryCount,
    ...(changed === undefined ? {} : { 'tasktracker.changed': changed }),
    ...(deduplicated === undefined ? {} : { 'tasktracker.deduplicated': deduplicated }),
  });
  const origin = traceOf(metadata);
  if (origin !== null) span.addLink({ context: origin });
}

async function traced<R extends Moved>(tracer: Tracer, move: MoveName, kind: SpanKind, run: () => Promise<R>): Promise<R> {
  const span = tracer.startSpan(move, { kind });
  try {
    const result = await run();
    if (span.isRecording()) describe(span, result);
    return result;
  } catch (error) {
    // A refusal is an answer: nothing has failed.
    if (error instanceof TaskTrackerError) span.setAttribute('tasktracker.refused', error.code);
    else failSpan(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** The same lifecycle, with a span about each move, linked to the trace in which the execution was enqueued. */
export function traceLifecycle(lifecycle: Lifecycle, tracer: Tracer): Lifecycle {
  return {
    enqueue: (...args) => traced(tracer, 'enqueueTask', SpanKind.PRODUCER, () => lifecycle.enqueue(...args)),
    start: (...args) => traced(tracer, 'startTask', SpanKind.INTERNAL, () => lifecycle.start(...args)),
    complete: (...args) => traced(tracer, 'completeTask', SpanKind.INTERNAL, () => lifecycle.complete(...args)),
    fail: (...args) => traced(tracer, 'failTask', SpanKind.INTERNAL, () => lifecycle.fail(...args)),
    retry: (...args) => traced(tracer, 'retryTask', SpanKind.PRODUCER, () => lifecycle.retry(...args)),
    moveToDeadLetters: (...args) => traced(tracer, 'moveTaskToDlq', SpanKind.INTERNAL, () => lifecycle.moveToDeadLetters(...args)),
    archive: (...args) => traced(tracer, 'archiveTask', SpanKind.INTERNAL, () => lifecycle.archive(...args)),
    within: (scope) => traceLifecycle(lifecycle.within(scope), tracer),
  };
}
