import type { IncomingMessage } from 'node:http';

import type { FastifyInstance } from 'fastify';

import { mayUse } from '../access/role.js';
import type { FeedStatus } from '../feed/types.js';
import type { DeduplicationMode } from '../lifecycle/lifecycle.js';
import type { StatisticsStatus } from '../stats/types.js';
import type { Callers } from './auth/callers.js';
import { isAuthenticationError } from './auth/errors.js';

/** How long the database may take to answer a readiness probe, in ms. */
const PING_TIMEOUT_MS = 2_000;

const OPEN = { config: { access: 'public' } } as const;

/** How a second active execution of a task is kept out, and why it is not the index where it is not. */
export interface Deduplication {
  readonly mode: DeduplicationMode;
  readonly reason: string | null;
}

export interface HealthSources {
  /** Resolves when the database answered. */
  ping(): Promise<void>;
  feedStatus(): FeedStatus;
  statisticsStatus(): StatisticsStatus;
  readonly deduplication: Deduplication;
}

/** The answer of /health/ready. `reasons` is empty exactly when `ready` is true. */
export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
  readonly database: { readonly reachable: boolean };
  readonly feed: {
    readonly state: FeedStatus['state'];
    readonly lagMs: number | null;
    readonly lastEventAt: string | null;
    readonly subscribers: number;
    readonly resyncs: number;
  };
  /** Not a reason to be unready: until figures are in memory (READY), the database counts them when asked. */
  readonly statistics: {
    readonly state: StatisticsStatus['state'];
    /** 0 to 1. */
    readonly progress: number;
    readonly scanned: number | null;
    readonly expected: number | null;
    readonly lastCheckpointAt: string | null;
    readonly lastReconciliationAt: string | null;
    readonly lastDrift: number;
    readonly reason: string | null;
  };
  /** Not a reason to be unready: with `check`, two enqueues in the same instant may both succeed. */
  readonly deduplication: Deduplication;
}

/** Asks everything that readiness depends on. Never rejects; answers within about two seconds. */
export async function checkReadiness(sources: HealthSources): Promise<Readiness> {
  const reasons: string[] = [];
  const reachable = await answersInTime(sources.ping);
  if (!reachable) reasons.push('The database does not answer.');
  const feed = sources.feedStatus();
  const statistics = sources.statisticsStatus();
  if (feed.state !== 'LIVE') reasons.push(`The feed is ${feed.state}${feed.reason ? `: ${feed.reason}` : '.'}`);
  return {
    ready: reasons.length === 0,
    reasons,
    database: { reachable },
    feed: {
      state: feed.state,
      lagMs: feed.lagMs,
      lastEventAt: feed.lastEventAt?.toISOString() ?? null,
      subscribers: feed.subscribers,
      resyncs: feed.resyncs,
    },
    statistics: {
      state: statistics.state,
      progress: statistics.progress,
      scanned: statistics.scanned,
      expected: statistics.expected,
      lastCheckpointAt: statistics.lastCheckpointAt?.toISOString() ?? null,
      lastReconciliationAt: statistics.lastReconciliationAt?.toISOString() ?? null,
      lastDrift: statistics.lastDrift,
      reason: statistics.reason,
    },
    deduplication: sources.deduplication,
  };
}

async function answersInTime(ping: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PING_TIMEOUT_MS);
  });
  const answered = ping().then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([answered, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * GET /health/live: 200 while the process serves. GET /health/ready: 200 when the database answers and the feed is LIVE,
 * else 503 with the reasons. Probes that come together share one look at the database. Where callers are asked who they
 * are, whoever may not read is told no more than whether it is ready.
 */
export function registerHealth(server: FastifyInstance, sources: HealthSources, callers: Callers): void {
  let running: Promise<Readiness> | undefined;
  server.get('/health/live', OPEN, (_request, reply) => reply.header('cache-control', 'no-store').send({ live: true }));
  server.get('/health/ready', OPEN, async (request, reply) => {
    running ??= checkReadiness(sources).finally(() => {
      running = undefined;
    });
    const readiness = await running;
    return reply
      .header('cache-control', 'no-store')
      .code(readiness.ready ? 200 : 503)
      .send((await mayReadDetails(callers, request.raw)) ? readiness : { ready: readiness.ready });
  });
}

/** A probe that shows no key, or a wrong one, is answered all the same. */
async function mayReadDetails(callers: Callers, request: IncomingMessage): Promise<boolean> {
  if (!callers.asks(request)) return true;
  if (request.headers.authorization === undefined) return false;
  try {
    return mayUse((await callers.ofRequest(request)).caller.role, 'READ');
  } catch (error) {
    if (isAuthenticationError(error)) return false;
    throw error;
  }
}
