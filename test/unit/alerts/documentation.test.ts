import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { readAlertsFile } from '../../../src/alerts/read-file.js';
import { ALERT_KINDS } from '../../../src/alerts/types.js';

const text = readFileSync(path.resolve(import.meta.dirname, '../../../docs/alerts.md'), 'utf8');
const block = (language: string): string => {
  const [, found] = new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(text) ?? [];
  if (found === undefined) throw new Error(`docs/alerts.md has no ${language}`);
  return found;
};

type Check = (secret: string, headers: Record<string, string>, body: string, now?: number) => boolean;

describe('the documentation of alerts', () => {
  it('shows a file that can be used, with every kind of rule', () => {
    const { rules } = readAlertsFile(block('yaml'), { file: 'docs/alerts.md', variable: (name) => (name.endsWith('URL') ? 'https://example.org/' : 'secret') });
    expect(new Set(rules.map(({ kind }) => kind))).toEqual(new Set(ALERT_KINDS));
  });

  it('shows a check of signatures that takes right ones and refuses all others', async () => {
    const { isFromTaskTracker } = (await import(`data:text/javascript,${encodeURIComponent(block('js'))}`)) as { isFromTaskTracker: Check };
    const now = 1_800_000_000_000;
    const body = block('json');
    const signed = (secret: string, at: number) => ({ 'tasktracker-timestamp': String(at), 'tasktracker-signature': `v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}` });
    expect(isFromTaskTracker('s', signed('s', now / 1000), body, now)).toBe(true);
    expect(isFromTaskTracker('s', signed('t', now / 1000), body, now)).toBe(false);
    expect(isFromTaskTracker('s', signed('s', now / 1000), `${body} `, now)).toBe(false);
    expect(isFromTaskTracker('s', signed('s', now / 1000 - 301), body, now)).toBe(false);
    expect(isFromTaskTracker('s', { ...signed('s', now / 1000), 'tasktracker-timestamp': String(now / 1000 + 1) }, body, now)).toBe(false);
    expect(isFromTaskTracker('s', {}, body, now)).toBe(false);
    expect(isFromTaskTracker('s', { 'tasktracker-timestamp': 'x' }, body, now)).toBe(false);
  });
});
