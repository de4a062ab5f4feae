import { signatureOf, WEBHOOK_HEADERS } from './signature.js';

/** What came of one try: taken; not now (worth another try, after `afterMs` at the earliest); or never. */
export type Verdict = { readonly kind: 'taken' } | { readonly kind: 'later'; readonly why: string; readonly afterMs: number } | { readonly kind: 'never'; readonly why: string };

export interface Post {
  readonly url: string;
  readonly secret: string | null;
  readonly timeoutMs: number;
  readonly body: string;
  readonly delivery: string;
  readonly alertId: string;
  readonly userAgent: string;
  readonly signal: AbortSignal;
  /** Now, in ms since 1970. */
  readonly now: number;
}

/** Longest that a receiver may put a delivery off, in ms. */
const LONGEST_RETRY_AFTER_MS = 5 * 60_000;

function retryAfterOf(response: Response, now: number): number {
  const text = response.headers.get('retry-after') ?? '';
  const ms = /^\d{1,6}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_RETRY_AFTER_MS) : 0;
}

function whyOf(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: { code?: unknown; message?: unknown } };
  if (name === 'TimeoutError') return 'it did not answer in time';
  return String(cause?.code ?? cause?.message ?? message);
}

/** Sends one body, once. Follows no redirect, and reads nothing of the answer but its status and `Retry-After`. Never rejects. */
export async function post({ url, secret, timeoutMs, body, delivery, alertId, userAgent, signal, now }: Post): Promise<Verdict> {
  const timestamp = Math.floor(now / 1000);
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      headers: {
        'content-type': 'application/json',
        'user-agent': userAgent,
        [WEBHOOK_HEADERS.timestamp]: String(timestamp),
        [WEBHOOK_HEADERS.delivery]: delivery,
        [WEBHOOK_HEADERS.alert]: alertId,
        ...(secret === null ? {} : { [WEBHOOK_HEADERS.signature]: signatureOf(secret, timestamp, body) }),
      },
    });
    await response.body?.cancel();
    const { status } = response;
    if (status >= 200 && status < 300) return { kind: 'taken' };
    const why = `it answered ${status}`;
    if (status === 408 || status === 429 || status >= 500) return { kind: 'later', why, afterMs: retryAfterOf(response, now) };
    return { kind: 'never', why: status >= 300 && status < 400 ? `${why}: redirects are not followed` : why };
  } catch (error) {
    return { kind: 'later', why: whyOf(error), afterMs: 0 };
  }
}
