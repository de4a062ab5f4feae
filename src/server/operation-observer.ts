import { type ExecutionArgs, getOperationAST } from 'graphql';

import type { OperationFacts, OperationMetrics } from '../metrics/operations.js';
import { outcomeOf } from '../metrics/outcome.js';
import type { OperationSpans } from '../telemetry/operation-spans.js';

interface Answer {
  readonly errors?: readonly { readonly extensions?: Record<string, unknown> | undefined }[] | undefined;
}

/** One operation over WebSocket, from its receipt to its end. */
interface Observed {
  readonly startedAt: number;
  args: ExecutionArgs | null;
  facts: OperationFacts;
  /** For a subscription that stands: how to say that it ended. */
  ended: (() => void) | null;
  /** Its answer was counted, or its start. */
  settled: boolean;
}

/** Counts, times and traces what is asked over WebSocket, as far as there is what to do it with. */
export class OperationObserver {
  readonly #metrics: OperationMetrics | undefined;
  readonly #spans: OperationSpans | undefined;
  readonly #byPayload = new WeakMap<object, Observed>();
  readonly #byArgs = new WeakMap<object, Observed>();

  constructor(metrics: OperationMetrics | undefined, spans: OperationSpans | undefined) {
    this.#metrics = metrics;
    this.#spans = spans;
  }

  /** An operation was received. */
  begin(payload: { readonly operationName?: string | null | undefined }): void {
    if (this.#metrics === undefined && this.#spans === undefined) return;
    this.#byPayload.set(payload, { startedAt: performance.now(), args: null, facts: { name: payload.operationName, type: null }, ended: null, settled: false });
  }

  /** It could be read. */
  accepted(payload: object, args: ExecutionArgs): void {
    const observed = this.#byPayload.get(payload);
    if (observed === undefined) return;
    const operation = getOperationAST(args.document, args.operationName);
    observed.args = args;
    observed.facts = { name: operation?.name?.value, type: operation?.operation ?? null };
    this.#byArgs.set(args, observed);
  }

  /** Runs it, or begins it. */
  run<R>(args: ExecutionArgs, run: () => R): R {
    return this.#spans === undefined ? run() : this.#spans.run(args, run);
  }

  /** It is a subscription, and stands. */
  subscribed(args: ExecutionArgs): void {
    const observed = this.#byArgs.get(args);
    if (observed === undefined) return;
    observed.ended = this.#metrics?.running(observed.facts.name) ?? null;
    this.#settle(observed, undefined);
  }

  /** Its client is sent a result that is no event: an answer, or why a subscription does not stand. */
  answered(args: ExecutionArgs, answer: Answer): void {
    this.#settle(this.#byArgs.get(args), answer.errors);
  }

  /** Its client is sent errors in place of a result. */
  refused(payload: object, errors: Answer['errors']): void {
    this.#settle(this.#byPayload.get(payload), errors);
  }

  #settle(observed: Observed | undefined, errors: Answer['errors']): void {
    if (observed === undefined || observed.settled) return;
    observed.settled = true;
    const { facts, args } = observed;
    const outcome = outcomeOf(errors);
    const ms = performance.now() - observed.startedAt;
    if (facts.type === 'subscription') this.#metrics?.subscribed(facts.name, outcome, ms);
    else this.#metrics?.answered(facts, 'websocket', outcome, ms);
    if (args !== null) this.#spans?.end(args, { ...facts, outcome });
  }

  /** It is over. */
  ended(payload: object): void {
    const observed = this.#byPayload.get(payload);
    if (observed === undefined) return;
    observed.ended?.();
    // Its client has gone before it was answered.
    if (!observed.settled && observed.args !== null) this.#spans?.end(observed.args, { ...observed.facts, outcome: 'abandoned' });
  }
}
