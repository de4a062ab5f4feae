import type { FastifyInstance, FastifyReply } from 'fastify';

import type { Caller } from '../../access/caller.js';
import { mayUse, type Permission } from '../../access/role.js';
import { errorBody } from '../errors.js';
import type { Callers } from './callers.js';
import { type AuthenticationError, isAuthenticationError, RouteForbiddenError, UnauthenticatedError } from './errors.js';

/** Who may use a route. */
export type RouteAccess =
  /** Anybody: it tells nothing of executions. */
  | 'public'
  /** Any caller who is known: what they may do is decided further in. */
  | 'caller'
  /** Callers with this permission; with `everyQueue`, only those who may know of every queue. */
  | { readonly permission: Permission; readonly everyQueue: boolean };

/** What holds for a route that says nothing: a new one is closed until it is opened. */
const CLOSED: RouteAccess = { permission: 'READ', everyQueue: true };

declare module 'fastify' {
  interface FastifyRequest {
    /** Who makes it; null on public routes. */
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    access?: RouteAccess;
  }
}

function check(caller: Caller, access: Exclude<RouteAccess, 'public'>): void {
  if (access === 'caller') return;
  if (!mayUse(caller.role, access.permission)) throw new RouteForbiddenError(`The role ${caller.role} may not use this.`);
  if (access.everyQueue && caller.queues !== null) throw new RouteForbiddenError('This is about every queue, and this caller may know of some only.');
}

/** Answers a request that was refused, in the shape of a GraphQL response. */
export function refuseCaller(reply: FastifyReply, error: AuthenticationError): FastifyReply {
  if (error instanceof UnauthenticatedError) void reply.header('www-authenticate', `Bearer realm="TaskTracker"${error.attempted ? ', error="invalid_token"' : ''}`);
  if ('retryAfter' in error) void reply.header('retry-after', String(error.retryAfter));
  return reply.code(error.status).header('cache-control', 'no-store').send(errorBody(error.message, error.code));
}

/**
 * Every route but public ones is for callers who are known: by `config.access` of the route, and closed where it says
 * nothing. To be registered before the routes.
 */
export function registerCallers(http: FastifyInstance, callers: Callers): void {
  http.decorateRequest('caller', null);
  http.addHook('onRequest', async (request, reply) => {
    const access = request.routeOptions.config?.access ?? CLOSED;
    // A preflight carries no credentials, and is answered without looking at anything.
    if (request.is404 || access === 'public' || request.method === 'OPTIONS') return;
    try {
      const { caller } = await callers.ofRequest(request.raw);
      check(caller, access);
      request.caller = caller;
    } catch (error) {
      if (!isAuthenticationError(error)) throw error;
      return refuseCaller(reply, error);
    }
  });
}

/** The caller of a route that is not public. */
export function callerOf(request: { readonly caller: Caller | null }): Caller {
  if (request.caller === null) throw new Error('a request reached a route without a caller');
  return request.caller;
}
