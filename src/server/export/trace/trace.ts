import { execute, parse } from 'graphql';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { InvalidInputError } from '../../../model/errors.js';
import { callerOf } from '../../auth/routes.js';
import { codedResult } from '../../operations.js';
import { requestDeadline } from '../../request-deadline.js';
import { ExportFailedError, NoSuchTaskError } from '../errors.js';
import { ExportParameters } from '../parameters.js';
import { type ExportRouteOptions, registerExportRoute } from '../route.js';
import { chainTrace, traceIdOf, type TracedAttempt } from './chain-trace.js';

const TRACE_PATH = '/export/trace';

const CHAIN = parse(
  `query ExportTrace($taskId: String!) {
    retryChain(taskId: $taskId) {
      attempts {
        executionId queueName messageVersion status enqueuedAt processingStartedAt failedAt archivedAt archivedReason archivedBy
        waitMs runMs retryCount maxRetries errorCategory errorMessage errorStack metadata
      }
    }
  }`,
  { noLocation: true },
);

export interface TraceExportOptions extends ExportRouteOptions {
  /** Of TaskTracker. */
  readonly version: string;
}

/**
 * GET /export/trace?taskId=…: the retry chain of a task as spans, an OTLP/JSON `ExportTraceServiceRequest`. It asks the
 * API's own `retryChain`: what a caller may not see there, is not here. 404 where the task has no executions.
 */
export function registerTraceExport(http: FastifyInstance, options: TraceExportOptions): void {
  registerExportRoute(http, TRACE_PATH, options, (request, reply) => send(request, reply, options));
}

async function send(request: FastifyRequest, reply: FastifyReply, { surface, version }: TraceExportOptions): Promise<FastifyReply> {
  const taskId = new ExportParameters(request.url, ['taskId']).text('taskId');
  if (taskId === null || taskId === '') throw new InvalidInputError(['taskId'], 'taskId: name the task whose attempts are wanted.');
  const result = await execute({ schema: surface.schema, document: CHAIN, variableValues: { taskId }, contextValue: surface.createContext(callerOf(request), requestDeadline(reply.raw, surface.queryTimeoutMs)) });
  const { data, errors } = codedResult(result);
  if (errors !== undefined) throw new ExportFailedError(errors);
  const chain = (data as { readonly retryChain: { readonly attempts: readonly TracedAttempt[] } | null }).retryChain;
  if (chain === null) throw new NoSuchTaskError(taskId);
  return reply
    .headers({
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': `attachment; filename="trace-${traceIdOf(taskId)}.json"`,
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
    })
    .send(JSON.stringify(chainTrace(taskId, chain.attempts, version)));
}
