import { randomUUID } from 'node:crypto';

import type { Logger } from 'pino';

import type { Alert, AlertWebhook } from '../types.js';
import { payloadOf } from './payload.js';
import { post } from './post.js';

/** What became of deliveries, since the start. */
export interface DeliveryCounts {
  /** Taken by the receiver. */
  delivered: number;
  /** Given up: refused, or tried as often as may be. */
  failed: number;
  /** Not sent, for a newer state of the same alert was to be sent. */
  superseded: number;
  /** Not sent, for too many were waiting. */
  dropped: number;
}

export interface SenderOptions {
  readonly log: Logger;
  readonly replica: string;
  /** As the User-Agent names it. */
  readonly version: string;
  /** Deliveries that may wait. Default 1,000. */
  readonly limit?: number;
  /** The first pause before another try, in ms; each further one is twice as long. Default 1,000. */
  readonly firstPauseMs?: number;
  /** The longest, in ms. Default 5 minutes. */
  readonly longestPauseMs?: number;
  /** 0 to 1. Default: Math.random. */
  readonly random?: () => number;
  readonly clock?: () => number;
}

/** A state of an alert that is to be told. */
interface Delivery {
  readonly alert: Alert;
  readonly id: string;
  tries: number;
  /** Waits for its next try. */
  timer: NodeJS.Timeout | null;
}

/** Deliveries that are under way at a time, to one receiver. */
const CONCURRENT = 4;

/**
 * Tells one webhook of alerts. Of one alert, one delivery at a time, so that states arrive in order; a newer state takes the
 * place of one that waits. Tried again with growing pauses, each shortened at random by up to a half, so that replicas and
 * alerts do not come in waves.
 */
export class WebhookSender {
  readonly webhook: AlertWebhook;
  readonly counts: DeliveryCounts = { delivered: 0, failed: 0, superseded: 0, dropped: 0 };
  readonly #options: Required<SenderOptions>;
  readonly #stop = new AbortController();
  /** By id of the alert, in the order of arrival. */
  readonly #ready = new Map<string, Delivery>();
  readonly #resting = new Map<string, Delivery>();
  readonly #running = new Map<string, Promise<void>>();

  constructor(webhook: AlertWebhook, options: SenderOptions) {
    this.webhook = webhook;
    this.#options = { limit: 1_000, firstPauseMs: 1_000, longestPauseMs: 5 * 60_000, random: Math.random, clock: Date.now, ...options };
  }

  /** Deliveries that are not settled. */
  get waiting(): number {
    return this.#ready.size + this.#resting.size + this.#running.size;
  }

  send(alert: Alert): void {
    if (this.#stop.signal.aborted) return;
    const replaced = this.#ready.get(alert.id) ?? this.#resting.get(alert.id);
    if (replaced !== undefined) {
      this.counts.superseded += 1;
      if (replaced.timer !== null) clearTimeout(replaced.timer);
      this.#ready.delete(alert.id);
      this.#resting.delete(alert.id);
    } else if (this.#ready.size + this.#resting.size >= this.#options.limit) {
      this.counts.dropped += 1;
      this.#options.log.warn({ webhook: this.webhook.name, alert: alert.id, rule: alert.rule }, 'an alert was not sent: too many wait for this webhook');
      return;
    }
    this.#ready.set(alert.id, { alert, id: randomUUID(), tries: 0, timer: null });
    this.#advance();
  }

  #advance(): void {
    for (const [alertId, delivery] of this.#ready) {
      if (this.#running.size >= CONCURRENT) return;
      if (this.#running.has(alertId)) continue;
      this.#ready.delete(alertId);
      const run = this.#try(delivery).finally(() => {
        this.#running.delete(alertId);
        if (!this.#stop.signal.aborted) this.#advance();
      });
      this.#running.set(alertId, run);
    }
  }

  async #try(delivery: Delivery): Promise<void> {
    const { url, secret, timeoutMs, attempts, name } = this.webhook;
    const { log, replica, version, clock } = this.#options;
    const { alert, id } = delivery;
    delivery.tries += 1;
    const facts = { webhook: name, alert: alert.id, rule: alert.rule, state: alert.state, tries: delivery.tries };
    const body = payloadOf(alert, { delivery: id, replica });
    const userAgent = `TaskTracker/${version}`;
    const verdict = await post({ url, secret, timeoutMs, body, delivery: id, alertId: alert.id, userAgent, signal: this.#stop.signal, now: clock() });
    if (verdict.kind === 'taken') {
      this.counts.delivered += 1;
      log.debug(facts, 'an alert was delivered');
    } else if (this.#stop.signal.aborted) {
      log.warn(facts, 'an alert was not delivered before the end');
    } else if (this.#ready.has(alert.id)) {
      // What has come meanwhile says more.
      this.counts.superseded += 1;
    } else if (verdict.kind === 'never' || delivery.tries >= attempts) {
      this.counts.failed += 1;
      log.error({ ...facts, reason: verdict.why }, 'an alert could not be delivered');
    } else {
      log.warn({ ...facts, reason: verdict.why }, 'an alert could not be delivered yet; it is tried again');
      this.#rest(delivery, Math.max(verdict.afterMs, this.#pauseAfter(delivery.tries)));
    }
  }

  #pauseAfter(tries: number): number {
    const { firstPauseMs, longestPauseMs, random } = this.#options;
    return Math.min(longestPauseMs, firstPauseMs * 2 ** (tries - 1)) * (1 - random() / 2);
  }

  #rest(delivery: Delivery, ms: number): void {
    const { id } = delivery.alert;
    this.#resting.set(id, delivery);
    delivery.timer = setTimeout(() => {
      delivery.timer = null;
      this.#resting.delete(id);
      this.#ready.set(id, delivery);
      this.#advance();
    }, ms);
    delivery.timer.unref();
  }

  /** Lets what is under way end, for at most so long; what waits is given up. */
  async close(withinMs: number): Promise<void> {
    for (const { timer } of this.#resting.values()) if (timer !== null) clearTimeout(timer);
    const lost = this.#ready.size + this.#resting.size;
    if (lost > 0) this.#options.log.warn({ webhook: this.webhook.name, lost }, 'alerts were not delivered before the end');
    this.#ready.clear();
    this.#resting.clear();
    const cut = setTimeout(() => this.#stop.abort(), withinMs);
    await Promise.all(this.#running.values());
    clearTimeout(cut);
    this.#stop.abort();
  }
}
