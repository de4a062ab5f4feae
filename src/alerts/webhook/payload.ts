import type { Alert } from '../types.js';

export interface PayloadFacts {
  readonly delivery: string;
  /** Which replica sends it. */
  readonly replica: string;
}

/** The body of a delivery. Fields may be added; those that are there stay. */
export function payloadOf(alert: Alert, { delivery, replica }: PayloadFacts): string {
  const { firedAt, resolvedAt, activeSince, ...rest } = alert;
  return JSON.stringify({
    version: 1,
    delivery,
    replica,
    alert: { ...rest, activeSince: activeSince.toISOString(), firedAt: firedAt?.toISOString() ?? null, resolvedAt: resolvedAt?.toISOString() ?? null },
  });
}
