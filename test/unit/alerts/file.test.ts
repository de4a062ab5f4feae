import { describe, expect, it } from 'vitest';

import { formatDuration, parseDuration, readableDuration } from '../../../src/alerts/duration.js';
import { AlertsFileError, readAlertsFile } from '../../../src/alerts/read-file.js';
import type { AlertsFile } from '../../../src/alerts/types.js';

const read = (text: string, variables: Record<string, string> = {}): AlertsFile => readAlertsFile(text, { file: 'alerts.yaml', variable: (name) => variables[name] });

function problemsOf(text: string, variables: Record<string, string> = {}): string {
  try {
    read(text, variables);
  } catch (error) {
    if (error instanceof AlertsFileError) return error.message;
    throw error;
  }
  return 'nothing';
}

const WHOLE = `
webhooks:
  - name: ops
    urlFrom: HOOK_URL
    secretFrom: HOOK_SECRET
    timeout: 2s
    attempts: 3
  - name: chat
    url: http://127.0.0.1:9/chat
rules:
  - { name: dead, when: dead_letters, above: 10, queues: 'orders.*', for: 5m, severity: critical, labels: { team: orders }, notify: [ops] }
  - { name: failing, when: failure_rate, above: 0.05, over: 10m }
  - { name: old, when: oldest_queued, olderThan: 15m, queues: [a, b] }
  - { name: stuck, when: stuck }
  - { name: new, when: new_error_group, resolveAfter: 2h, summary: 'new in {queue}' }
  - { name: feed, when: feed_not_live, for: 1m }
`;

describe('a file of alert rules', () => {
  it('is read with its defaults', () => {
    const { webhooks, rules } = read(WHOLE, { HOOK_URL: 'https://example.org/hook', HOOK_SECRET: 's3cret' });
    expect(webhooks).toEqual([
      { name: 'ops', url: 'https://example.org/hook', secret: 's3cret', timeoutMs: 2_000, attempts: 3 },
      { name: 'chat', url: 'http://127.0.0.1:9/chat', secret: null, timeoutMs: 5_000, attempts: 8 },
    ]);
    expect(rules).toMatchObject([
      { name: 'dead', kind: 'dead_letters', above: 10, forMs: 300_000, severity: 'critical', labels: { team: 'orders' }, notify: ['ops'], queues: { patterns: ['orders.*'] } },
      { name: 'failing', kind: 'failure_rate', above: 0.05, overMs: 600_000, minimum: 20, severity: 'warning', forMs: 0, queues: null, notify: ['ops', 'chat'] },
      { name: 'old', kind: 'oldest_queued', olderThanMs: 900_000, queues: { patterns: ['a', 'b'] } },
      { name: 'stuck', kind: 'stuck', above: 0, timeoutMs: 1_800_000 },
      { name: 'new', kind: 'new_error_group', resolveAfterMs: 7_200_000, forMs: 0, summary: 'new in {queue}' },
      { name: 'feed', kind: 'feed_not_live', forMs: 60_000 },
    ]);
  });

  it('may be empty', () => {
    expect(read('')).toEqual({ webhooks: [], rules: [] });
  });

  it('is refused with every problem, each with its line and path', () => {
    const text = ['rules:', '  - name: a', '    when: dead_letters', '    above: many', '  - name: b', '    when: oldest_queued', '    olderThan: 5', '    colour: red', '  - name: c', '    when: nothing'].join('\n');
    expect(problemsOf(text).split('\n')).toEqual([
      'alerts.yaml:4: rules[0].above must be a whole number of at least 0',
      'alerts.yaml:7: rules[1].olderThan must be a duration from 1s to 365d, e.g. 30s, 5m, 1h',
      'alerts.yaml:8: rules[1].colour is not known here',
      'alerts.yaml:10: rules[2].when must be one of dead_letters, failure_rate, oldest_queued, stuck, new_error_group, feed_not_live',
    ]);
  });

  it.each([
    ['no YAML', 'rules: [', /^alerts\.yaml:1: /],
    ['a key that is there twice', 'rules: []\nrules: []', /:2: .*unique/],
    ['a list in place of the whole', '- a', /alerts\.yaml:1: /],
    ['a rule that is there twice', 'rules:\n- {name: a, when: stuck}\n- {name: a, when: stuck}', /:3: rules\[1\]\.name is there twice: a/],
    ['a webhook that is not there', 'rules:\n- {name: a, when: stuck, notify: [x]}', /rules\[0\]\.notify\[0\] is no webhook of this file: x/],
    ['a time to hold for what only happens', 'rules:\n- {name: a, when: new_error_group, for: 5m}', /rules\[0\]\.for is not known here/],
    ['a share of more than all', 'rules:\n- {name: a, when: failure_rate, above: 5, over: 5m}', /must be a share/],
    ['a pattern that is none', "rules:\n- {name: a, when: stuck, queues: ''}", /rules\[0\]\.queues .*pattern/],
    ['a file as the place of a webhook', 'webhooks:\n- {name: a, url: "file:///etc/passwd"}', /must be a URL that begins with http/],
    ['a webhook without a place', 'webhooks:\n- {name: a}', /must have either url or urlFrom/],
    ['a name with a line feed', 'rules:\n- {name: "a\\nb", when: stuck}', /must be 1 to 64 letters/],
    ['a secret that is not set', 'webhooks:\n- {name: a, url: "http://h/", secretFrom: NOT_SET}', /names the environment variable NOT_SET, which is not set/],
  ])('is refused: %s', (_what, text, message) => {
    expect(problemsOf(text)).toMatch(message);
  });

  it('never repeats what a variable holds', () => {
    const message = problemsOf('webhooks:\n- {name: a, urlFrom: HOOK}', { HOOK: 'very-secret' });
    expect(message).toContain('HOOK');
    expect(message).not.toContain('very-secret');
  });

  it('is not blown up by aliases of aliases', () => {
    const levels = Array.from({ length: 12 }, (_, level) => `l${level + 1}: &l${level + 1} [${Array.from({ length: 10 }, () => `*l${level}`).join(', ')}]`);
    expect(problemsOf(['l0: &l0 [x]', ...levels].join('\n'))).toMatch(/alias/i);
  });
});

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['7d', 604_800_000],
    ['5', null],
    ['-5m', null],
    ['1.5h', null],
    ['5 m', null],
  ] as const)('%s is %s ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
    if (ms !== null) expect(parseDuration(formatDuration(ms))).toBe(ms);
  });

  it('are shown as people read them', () => {
    expect([400, 42_000, 60_000, 61_000, 3_600_000, 3_900_000, 180_000_000].map(readableDuration)).toEqual(['0s', '42s', '1m', '1m 1s', '1h', '1h 5m', '2d 2h']);
  });
});
