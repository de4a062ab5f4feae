import { GraphQLError } from 'graphql';

import { ANONYMOUS, audienceOf, type Caller } from '../../access/caller.js';
import type { ServerCounts } from '../../metrics/server-counts.js';
import { clientOf } from '../address-limit.js';
import { TokenBuckets } from './token-buckets.js';

/** The way an operation came. */
export type RatedWay = 'http' | 'websocket' | 'export';

export interface OperationRateOptions {
  /** Operations of one caller in a second, over time and by all ways together; 0: any number. */
  readonly maxOperationsPerSecond: number;
  /** Operations that one caller may send at once. */
  readonly operationsBurst: number;
  readonly counts?: Pick<ServerCounts, 'rateLimited'> | undefined;
}

/** Why an operation is not looked at. Its `extensions.retryAfterMs` says when the next one may be. */
export interface RateRefusal {
  readonly error: GraphQLError;
  /** Whole seconds, at least 1. */
  readonly retryAfterSeconds: number;
}

/**
 * How many operations each caller sends, whatever the way: one bucket of tokens for what comes over HTTP, over WebSocket
 * and as an export. A caller is who has a name, a role and a scope; while nobody is asked who they are, a client address
 * (of IPv6, one /64).
 */
export class OperationRate {
  readonly #options: OperationRateOptions;
  readonly #buckets: TokenBuckets | null;
  /** Callers are told apart by what they are, and mostly come as the same object. */
  readonly #keys = new WeakMap<Caller, string>();

  constructor(options: OperationRateOptions) {
    const { maxOperationsPerSecond: perSecond, operationsBurst } = options;
    this.#options = options;
    this.#buckets = perSecond === 0 ? null : new TokenBuckets({ perSecond, burst: Math.max(perSecond, operationsBurst) });
  }

  /** Counts one operation. @returns why it is refused; null where it is not */
  refusalOf(caller: Caller, address: string, way: RatedWay): RateRefusal | null {
    if (this.#buckets === null) return null;
    const waitMs = this.#buckets.take(caller === ANONYMOUS ? clientOf(address) : this.#keyOf(caller));
    if (waitMs === 0) return null;
    this.#options.counts?.rateLimited(way);
    const { maxOperationsPerSecond: limit } = this.#options;
    const retryAfterMs = Math.ceil(waitMs);
    const message = `One caller may send ${limit} operations a second, over all its connections: try again in ${retryAfterMs} ms.`;
    return { error: new GraphQLError(message, { extensions: { code: 'RATE_LIMITED', limit, retryAfterMs } }), retryAfterSeconds: Math.ceil(retryAfterMs / 1_000) };
  }

  #keyOf(caller: Caller): string {
    let key = this.#keys.get(caller);
    if (key === undefined) this.#keys.set(caller, (key = JSON.stringify([caller.name, audienceOf(caller)])));
    return key;
  }
}
