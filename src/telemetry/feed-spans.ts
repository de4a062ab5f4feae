import { type Span, type Tracer } from '@opentelemetry/api';

import type { Feed } from '../feed/types.js';

/**
 * A span for each time that the feed was not LIVE, from when it was noticed until it was over, with an event for each
 * state and its reason. Resolves when the feed closes.
 */
export async function traceFeed(feed: Pick<Feed, 'watchStatus'>, tracer: Tracer): Promise<void> {
  let away: Span | null = null;
  for await (const { state, reason, resyncs } of feed.watchStatus()) {
    if (state === 'LIVE') {
      away?.setAttribute('tasktracker.feed.resyncs', resyncs);
      away?.end();
      away = null;
      continue;
    }
    away ??= tracer.startSpan('feed reconnect', { root: true });
    away.addEvent(state, { 'tasktracker.feed.reason': reason ?? '' });
  }
  away?.end();
}
