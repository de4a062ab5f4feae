import { z } from 'zod';

import { QueueScope } from '../access/queue-scope.js';
import { InvalidInputError } from '../model/errors.js';
import { formatDuration, parseDuration } from './duration.js';
import { ALERT_SEVERITIES } from './types.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function duration(least: number, most: number) {
  const expected = `must be a duration from ${formatDuration(least)} to ${formatDuration(most)}, e.g. 30s, 5m, 1h`;
  return z.string({ error: expected }).transform((text, check) => {
    const ms = parseDuration(text);
    if (ms !== null && ms >= least && ms <= most) return ms;
    check.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });
}

function count(least: number) {
  const expected = `must be a whole number of at least ${least}`;
  return z.number({ error: expected }).int(expected).min(least, expected).max(1_000_000_000, 'must be at most 1000000000');
}

/** Letters, digits, `.`, `_` and `-`. */
const name = z.string({ error: 'must be a name' }).regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, ".", "_" or "-", and begin with a letter or digit');

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable');

const queues = z
  .union([z.string(), z.array(z.string())], { error: 'must be a pattern of queue names, or a list of them' })
  .transform((given, check) => {
    try {
      return new QueueScope(typeof given === 'string' ? [given] : given);
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      check.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  })
  .optional();

const common = {
  name,
  severity: z.enum(ALERT_SEVERITIES, { error: `must be one of ${ALERT_SEVERITIES.join(', ')}` }).default('warning'),
  labels: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'a label begins with a letter or "_"'), z.string().max(256, 'must have at most 256 characters'))
    .refine((labels) => Object.keys(labels).length <= 20, 'must have at most 20 labels')
    .default({}),
  summary: z.string().min(1).max(500, 'must have at most 500 characters').optional(),
  notify: z.array(name).optional(),
};
const timed = { ...common, for: duration(0, 7 * DAY).default(0) };

const rule = z.discriminatedUnion(
  'when',
  [
    z.strictObject({ ...timed, when: z.literal('dead_letters'), queues, above: count(0) }),
    z.strictObject({
      ...timed,
      when: z.literal('failure_rate'),
      queues,
      above: z.number({ error: 'must be a share from 0 to below 1, e.g. 0.05' }).min(0, 'must be a share from 0 to below 1, e.g. 0.05').lt(1, 'must be a share from 0 to below 1, e.g. 0.05'),
      over: duration(MINUTE, 6 * HOUR),
      minimum: count(1).default(20),
    }),
    z.strictObject({ ...timed, when: z.literal('oldest_queued'), queues, olderThan: duration(1_000, 365 * DAY) }),
    z.strictObject({ ...timed, when: z.literal('stuck'), queues, above: count(0).default(0), timeout: duration(1_000, 365 * DAY).default(30 * MINUTE) }),
    z.strictObject({ ...common, when: z.literal('new_error_group'), queues, resolveAfter: duration(MINUTE, 7 * DAY).default(HOUR) }),
    z.strictObject({ ...timed, when: z.literal('feed_not_live') }),
  ],
  { error: 'must be one of dead_letters, failure_rate, oldest_queued, stuck, new_error_group, feed_not_live' },
);

/** Where alerts may be sent: programs of this machine too, so http is taken. */
function isWebhookUrl(text: string): boolean {
  try {
    return ['http:', 'https:'].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}

const webhook = z
  .strictObject({
    name,
    url: z.string().refine(isWebhookUrl, 'must be a URL that begins with http:// or https://').optional(),
    urlFrom: variable.optional(),
    secretFrom: variable.optional(),
    timeout: duration(100, MINUTE).default(5_000),
    attempts: count(1).max(20, 'must be at most 20').default(8),
  })
  .refine(({ url, urlFrom }) => (url === undefined) !== (urlFrom === undefined), 'must have either url or urlFrom');

export const alertsFileSchema = z.strictObject({
  webhooks: z.array(webhook).max(20, 'must be at most 20').default([]),
  rules: z.array(rule).max(200, 'must be at most 200').default([]),
});

export type WrittenRule = z.infer<typeof rule>;
export type WrittenWebhook = z.infer<typeof webhook>;
export { isWebhookUrl };
