import type { FastifyInstance } from 'fastify';

import type { ClientAddresses } from '../client-address.js';
import type { OperationRate, RatedWay } from './operation-rate.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A request to the route is an operation, counted as one that came this way. */
    rated?: Exclude<RatedWay, 'websocket'>;
  }
}

/** Requests beyond the rate of their caller are answered with 429 before their body is read. To be registered behind the callers. */
export function registerRate(http: FastifyInstance, rate: OperationRate, addresses: ClientAddresses): void {
  http.addHook('onRequest', (request, reply, done) => {
    const way = request.routeOptions.config?.rated;
    const refusal = way === undefined || request.caller === null ? null : rate.refusalOf(request.caller, addresses.of(request.raw), way);
    if (refusal === null) {
      done();
      return;
    }
    const { message, extensions } = refusal.error;
    void reply.code(429).headers({ 'retry-after': String(refusal.retryAfterSeconds), 'cache-control': 'no-store' }).send({ errors: [{ message, extensions }] });
  });
}
