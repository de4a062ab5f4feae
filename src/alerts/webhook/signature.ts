import { createHmac } from 'node:crypto';

/** Names of the headers of a delivery, in lower case. */
export const WEBHOOK_HEADERS = {
  /** When it was signed, in s since 1970. */
  timestamp: 'tasktracker-timestamp',
  /** `v1=` and the HMAC-SHA256 of `TIMESTAMP.BODY`, in hexadecimal; absent where no secret is configured. */
  signature: 'tasktracker-signature',
  /** Of the delivery: the same each time it is tried. */
  delivery: 'tasktracker-delivery',
  /** Id of the alert: the same from every replica. */
  alert: 'tasktracker-alert',
} as const;

/** What a receiver computes itself and compares: over the timestamp too, so that an old delivery cannot be sent again. */
export function signatureOf(secret: string, timestamp: number, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}
