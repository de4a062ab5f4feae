import type { Logger } from 'pino';

import type { KeptFigures } from '../stats/kept-figures.js';
import type { ErrorGroupNews } from '../stats/types.js';
import { AlertBoard } from './board.js';
import { type AlertSources, measure } from './conditions.js';
import type { Alert, AlertRule, Alerts, AlertsFile } from './types.js';
import { type SenderOptions, WebhookSender } from './webhook/sender.js';

/** Alerts that are held at a time. */
const MAX_ALERTS = 1_000;

export interface EngineOptions {
  readonly file: AlertsFile;
  readonly sources: AlertSources & { readonly statistics: { kept(): KeptFigures | null; onErrorGroup(listener: (news: ErrorGroupNews) => void): () => void } };
  /** How often rules are looked at, in ms. */
  readonly intervalMs: number;
  readonly log: Logger;
  readonly clock?: (() => number) | undefined;
  readonly sender: Omit<SenderOptions, 'log'>;
}

export interface RunningAlerts extends Alerts {
  readonly senders: readonly WebhookSender[];
  /** Begins to look at the rules at intervals. */
  start(): void;
  /** Looks at all rules now. One at a time: a second call waits for the first and looks again. */
  evaluate(): Promise<void>;
  /** Stops, and lets deliveries that are under way end for at most so long. Idempotent. */
  close(withinMs: number): Promise<void>;
}

class AlertEngine implements RunningAlerts {
  readonly senders: readonly WebhookSender[];
  readonly #options: EngineOptions;
  readonly #clock: () => number;
  readonly #board: AlertBoard;
  readonly #listeners = new Set<(alert: Alert) => void>();
  /** When each alert about a new kind of failures was last said, by its id. */
  readonly #saidAt = new Map<string, number>();
  readonly #notify: ReadonlyMap<string, readonly WebhookSender[]>;
  #stopListening: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #full = false;
  #closed = false;

  constructor(options: EngineOptions) {
    const { file, log, sender, clock = Date.now } = options;
    this.#options = options;
    this.#clock = clock;
    this.senders = file.webhooks.map((webhook) => new WebhookSender(webhook, { ...sender, log }));
    this.#notify = new Map(file.rules.map(({ name, notify }) => [name, this.senders.filter(({ webhook }) => notify.includes(webhook.name))]));
    this.#board = new AlertBoard({ limit: MAX_ALERTS, onChange: (alert) => this.#changed(alert), onFull: () => this.#warnOfMany() });
  }

  list(): readonly Alert[] {
    return this.#board.list();
  }

  onChange(listener: (alert: Alert) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    if (this.#closed || this.#options.file.rules.length === 0) return;
    this.#stopListening = this.#options.sources.statistics.onErrorGroup((news) => this.#heard(news));
    let isBusy = false;
    this.#timer = setInterval(() => {
      // Where there is much to look at, intervals pass by.
      if (isBusy) return;
      isBusy = true;
      void this.evaluate().finally(() => {
        isBusy = false;
      });
    }, this.#options.intervalMs).unref();
  }

  evaluate(): Promise<void> {
    this.#running = this.#running.then(() => this.#evaluate());
    return this.#running;
  }

  async #evaluate(): Promise<void> {
    const { file, sources, log } = this.#options;
    for (const rule of file.rules) {
      if (this.#closed) return;
      const now = this.#clock();
      try {
        if (rule.kind === 'new_error_group') {
          this.#board.expire(rule, rule.resolveAfterMs, ({ id }) => this.#saidAt.get(id) ?? 0, now);
          continue;
        }
        const measured = await measure(rule, sources, now);
        // Where it cannot be known, what was said before stands.
        if (measured !== null) this.#board.take(rule, measured, now);
      } catch (error) {
        log.error({ err: error, rule: rule.name }, 'a rule could not be looked at');
      }
    }
    this.#board.sweep(this.#clock());
    const held = new Set(this.#board.list().map(({ id }) => id));
    for (const id of this.#saidAt.keys()) if (!held.has(id)) this.#saidAt.delete(id);
  }

  /** A failure was counted. */
  #heard({ fingerprint, queueName, isNew }: ErrorGroupNews): void {
    if (!isNew) return;
    for (const rule of this.#options.file.rules) {
      if (rule.kind !== 'new_error_group' || (rule.queues !== null && !rule.queues.includes(queueName))) continue;
      this.#sayNew(rule, fingerprint, queueName);
    }
  }

  #sayNew(rule: AlertRule, fingerprint: string, queueName: string): void {
    const now = this.#clock();
    const group = this.#options.sources.statistics.kept()?.errorGroup(fingerprint, queueName) ?? null;
    const finding = { queueName, fingerprint, value: group?.count ?? 1, holds: true };
    const summary = rule.summary === null && group !== null ? `${queueName}: a new kind of failure, ${group.category}: ${group.message}` : undefined;
    this.#saidAt.set(this.#board.find(rule, summary === undefined ? finding : { ...finding, summary }, now), now);
  }

  #changed(alert: Alert): void {
    const { rule, state, severity, queueName, summary, firedAt } = alert;
    if (state === 'FIRING') this.#options.log.warn({ alert: alert.id, rule, severity, queueName }, `alert: ${summary}`);
    else this.#options.log.info({ alert: alert.id, rule, severity, queueName, state }, `alert ${state.toLowerCase()}: ${summary}`);
    for (const listener of this.#listeners) listener(alert);
    // What never fired is nobody's business outside.
    if (firedAt === null) return;
    for (const sender of this.#notify.get(rule) ?? []) sender.send(alert);
  }

  #warnOfMany(): void {
    if (this.#full) return;
    this.#full = true;
    this.#options.log.warn({ limit: MAX_ALERTS }, 'more alerts hold than can be held: further ones are left out');
  }

  async close(withinMs: number): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#stopListening();
    await this.#running;
    await Promise.all(this.senders.map((sender) => sender.close(withinMs)));
    this.#listeners.clear();
  }
}

/** The alerts of one application, by the rules of its file. */
export function createAlerts(options: EngineOptions): RunningAlerts {
  return new AlertEngine(options);
}

/** Where no file of rules is configured. */
export const NO_ALERTS: Alerts = { list: () => [], onChange: () => () => undefined };
