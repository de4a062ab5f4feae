import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { beforeEach, describe, expect, inject, it } from 'vitest';

import { secantusEnvironment } from '../../support/embedded.js';

const SCRIPT = fileURLToPath(new URL('./retry-records.py', import.meta.url));
const LAUNCHER = fileURLToPath(new URL('../../../src/database/embedded/launcher', import.meta.url));
const SEED = 20;

async function run(what: 'same' | 'cost'): Promise<Record<string, number>> {
  const { python } = await secantusEnvironment();
  const { stdout } = await promisify(execFile)(python, ['-EsB', SCRIPT, LAUNCHER, what, String(SEED)]);
  return JSON.parse(stdout) as Record<string, number>;
}

describe('what the embedded database keeps of each write for a second attempt', { timeout: 60_000 }, () => {
  beforeEach(({ skip }) => {
    if (!inject('embedded')) skip('the run has MONGODB_URI: the embedded database is not installed');
  });

  it('is the answer that SecantusDB would give, for the writes that it would know', async () => {
    const { found, different, most, few } = await run('same');
    expect(different).toBe(0);
    expect(found).toBeGreaterThan(200);
    expect(most).toBe(few);
  });

  it('costs a write as little after 11,000 writes as after 100', async () => {
    const { few, many } = await run('cost');
    expect(many).toBeLessThan((few ?? 0) * 10);
  });
});
