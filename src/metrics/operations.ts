import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

import { BoundedNames } from './bounded-names.js';
import type { Outcome } from './outcome.js';

/** In seconds. */
const DURATIONS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

export type Transport = 'http' | 'websocket';

/** What is known of an operation: nothing where it could not be read. */
export interface OperationFacts {
  /** The name in the document; clients choose it. */
  readonly name: string | null | undefined;
  readonly type: 'query' | 'mutation' | 'subscription' | null;
}

/** Counts and times operations, by name and outcome. */
export class OperationMetrics {
  readonly #names: BoundedNames;
  readonly #requests: Counter<'operation' | 'type' | 'transport' | 'outcome'>;
  readonly #durations: Histogram<'operation' | 'outcome'>;
  readonly #starts: Histogram<'operation' | 'outcome'>;
  readonly #running: Gauge<'operation'>;

  /** @param maxNames how many names have series of their own */
  constructor(registry: Registry, maxNames: number) {
    this.#names = new BoundedNames(maxNames);
    const registers = [registry];
    this.#requests = new Counter({
      name: 'tasktracker_graphql_requests_total',
      help: 'Queries and mutations answered. outcome: ok, refused (by what was asked), failed (by the server or its database).',
      labelNames: ['operation', 'type', 'transport', 'outcome'],
      registers,
    });
    this.#durations = new Histogram({
      name: 'tasktracker_graphql_request_duration_seconds',
      help: 'From the receipt of a query or mutation until its answer was ready.',
      labelNames: ['operation', 'outcome'],
      buckets: DURATIONS,
      registers,
    });
    this.#starts = new Histogram({
      name: 'tasktracker_graphql_subscription_start_duration_seconds',
      help: 'From the receipt of a subscription until it stood, or was refused.',
      labelNames: ['operation', 'outcome'],
      buckets: DURATIONS,
      registers,
    });
    this.#running = new Gauge({ name: 'tasktracker_graphql_subscriptions', help: 'Subscriptions that run.', labelNames: ['operation'], registers });
  }

  /** A query or mutation was answered; also one that could not be read. */
  answered({ name, type }: OperationFacts, transport: Transport, outcome: Outcome, ms: number): void {
    const operation = this.#labelOf(name, outcome);
    this.#requests.inc({ operation, type: type ?? 'unknown', transport, outcome });
    this.#durations.observe({ operation, outcome }, ms / 1000);
  }

  /** A subscription stands, or was refused. */
  subscribed(name: string | null | undefined, outcome: Outcome, ms: number): void {
    this.#starts.observe({ operation: this.#labelOf(name, outcome), outcome }, ms / 1000);
  }

  /** A subscription runs from now on. @returns how to say that it ended; a second call does nothing */
  running(name: string | null | undefined): () => void {
    const operation = this.#names.admit(name);
    this.#running.inc({ operation });
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#running.dec({ operation });
    };
  }

  #labelOf(name: string | null | undefined, outcome: Outcome): string {
    return outcome === 'refused' ? this.#names.find(name) : this.#names.admit(name);
  }
}
