import { createHash } from 'node:crypto';

import { type Measured, thresholdOf } from './conditions.js';
import { summaryOf } from './summary.js';
import { ALERT_SEVERITIES, type Alert, type AlertRule, type AlertState } from './types.js';

/** How long a resolved alert is still listed, in ms. */
const RESOLVED_KEPT_MS = 60 * 60_000;

/** Equal wherever and whenever the same rule says the same of the same. */
function idOf(rule: string, queueName: string | null, fingerprint: string | null): string {
  return createHash('sha256').update(JSON.stringify([rule, queueName, fingerprint])).digest('hex').slice(0, 32);
}

/** Something that a rule says. */
export interface Finding extends Measured {
  readonly fingerprint?: string | null;
  /** In place of the summary that follows from the rule. */
  readonly summary?: string;
}

export interface BoardOptions {
  /** Alerts that are held at a time; further ones are left out until there is room. */
  readonly limit: number;
  readonly onChange: (alert: Alert) => void;
  /** Called for each alert that found no room. */
  readonly onFull: () => void;
}

/**
 * Which alerts there are, and their states:
 *
 *     (nothing) ─holds─► PENDING ─for long enough─► FIRING ─holds no more─► RESOLVED ─an hour─► (nothing)
 *                           └────holds no more──► RESOLVED (never fired)        └─holds─► PENDING
 *
 * Pure but for what it calls back: the time is given.
 */
export class AlertBoard {
  readonly #options: BoardOptions;
  readonly #alerts = new Map<string, Alert>();

  constructor(options: BoardOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#alerts.size;
  }

  list(): readonly Alert[] {
    const rank = ({ state, severity }: Alert): number => Number(state === 'RESOLVED') * 10 - ALERT_SEVERITIES.indexOf(severity);
    return [...this.#alerts.values()].sort((a, b) => rank(a) - rank(b) || b.activeSince.getTime() - a.activeSince.getTime() || (a.id < b.id ? -1 : 1));
  }

  /** All that a rule says at an instant: what is not among the findings holds no more. */
  take(rule: AlertRule, findings: readonly Finding[], now: number): void {
    const seen = new Set<string>();
    for (const finding of findings) {
      seen.add(this.find(rule, finding, now));
    }
    for (const alert of this.#alerts.values()) {
      if (alert.rule === rule.name && !seen.has(alert.id)) this.#release(alert, alert.value, now);
    }
  }

  /** One thing that a rule says; nothing is said of all others. @returns the id of its alert */
  find(rule: AlertRule, finding: Finding, now: number): string {
    const { queueName, fingerprint = null, value, holds } = finding;
    const id = idOf(rule.name, queueName, fingerprint);
    const known = this.#alerts.get(id);
    if (!holds) {
      if (known !== undefined) this.#release(known, value, now);
      return id;
    }
    const isActive = known !== undefined && known.state !== 'RESOLVED';
    if (known === undefined && this.#alerts.size >= this.#options.limit && !this.#forgetOldest()) {
      this.#options.onFull();
      return id;
    }
    const activeSince = isActive ? known.activeSince : new Date(now);
    const fires = now - activeSince.getTime() >= rule.forMs;
    const state: AlertState = isActive && known.state === 'FIRING' ? 'FIRING' : fires ? 'FIRING' : 'PENDING';
    const alert: Alert = {
      id,
      rule: rule.name,
      kind: rule.kind,
      severity: rule.severity,
      state,
      queueName,
      fingerprint,
      labels: rule.labels,
      summary: finding.summary ?? summaryOf(rule, queueName, value),
      value,
      threshold: thresholdOf(rule),
      activeSince,
      firedAt: state === 'FIRING' ? (isActive && known.firedAt !== null ? known.firedAt : new Date(now)) : null,
      resolvedAt: null,
    };
    this.#alerts.set(id, alert);
    if (known?.state !== state) this.#options.onChange(alert);
    return id;
  }

  #release(alert: Alert, value: number, now: number): void {
    if (alert.state === 'RESOLVED') return;
    const resolved: Alert = { ...alert, value, state: 'RESOLVED', resolvedAt: new Date(now) };
    this.#alerts.set(alert.id, resolved);
    this.#options.onChange(resolved);
  }

  /** Resolves what a rule said longer ago than it lasts. */
  expire(rule: AlertRule, afterMs: number, lastSaidAt: (alert: Alert) => number, now: number): void {
    for (const alert of this.#alerts.values()) {
      if (alert.rule === rule.name && alert.state !== 'RESOLVED' && now - lastSaidAt(alert) >= afterMs) this.#release(alert, alert.value, now);
    }
  }

  /** Forgets what was resolved an hour ago. */
  sweep(now: number): void {
    for (const { id, resolvedAt } of this.#alerts.values()) {
      if (resolvedAt !== null && now - resolvedAt.getTime() >= RESOLVED_KEPT_MS) this.#alerts.delete(id);
    }
  }

  /** Makes room for one that holds. @returns false where all that are held do */
  #forgetOldest(): boolean {
    let oldest: Alert | null = null;
    for (const alert of this.#alerts.values()) {
      if (alert.resolvedAt !== null && (oldest?.resolvedAt == null || alert.resolvedAt < oldest.resolvedAt)) oldest = alert;
    }
    if (oldest === null) return false;
    this.#alerts.delete(oldest.id);
    return true;
  }
}
