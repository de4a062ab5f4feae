import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { expect, inject, it } from 'vitest';

import { temporaryFolder } from '../support/embedded.js';

interface Outcome {
  readonly totals: { readonly kills: number; readonly rivalry: number };
  readonly rows: readonly { readonly after: string; readonly processed: number }[];
  readonly targets: readonly { readonly target: string; readonly measured: unknown; readonly ok: boolean }[];
}

const BENCH = path.resolve(import.meta.dirname, '../../bench/bulk.mjs');

it.each([
  ['one replica that is killed twice', { executions: 1_500, kills: 2, replicas: 1, rivals: 60, seed: 7 }],
  ['two replicas of which each is killed once', { executions: 1_500, kills: 2, replicas: 2, rivals: 60, seed: 8 }],
])('every execution is archived exactly once and counted by %s', { timeout: 180_000 }, async (_what, size) => {
  await using output = await temporaryFolder();
  const file = path.join(output.folder, 'outcome.json');
  const flags = Object.entries(size).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const run = spawn(process.execPath, [BENCH, ...flags, '--output', file], {
    env: { ...process.env, TASKTRACKER_CACHE_DIR: inject('cacheDir') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = '';
  run.stderr.on('data', (chunk) => {
    told += String(chunk);
  });
  const [code] = (await once(run, 'close')) as [number | null];
  expect([0, 1], told).toContain(code);
  const { totals, rows, targets } = JSON.parse(await readFile(file, 'utf8')) as Outcome;
  expect(targets.filter(({ ok }) => !ok), told).toEqual([]);
  // It was killed in the middle, and there was something to be in the way.
  expect(totals.kills).toBe(2);
  expect(totals.rivalry).toBeGreaterThan(0);
  expect(rows.some(({ processed }) => processed > 0 && processed < size.executions)).toBe(true);
});
