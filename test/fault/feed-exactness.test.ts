import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { expect, inject, it } from 'vitest';

import { temporaryFolder } from '../support/embedded.js';

interface Outcome {
  readonly totals: Readonly<Record<string, number>>;
  readonly clients: readonly {
    readonly client: string;
    readonly error: string | null;
    readonly examples: readonly string[];
    readonly lacking?: readonly string[];
    readonly surplus?: readonly string[];
  }[];
}

const BENCH = path.resolve(import.meta.dirname, '../../bench/exactness.mjs');
const SIZE = { writes: 1_000, writers: 16, 'api-kills': 3, 'database-kills': 1, 'mutations-between': 20, 'think-ms': 100 };

it('twenty clients miss nothing and end with what the database has, though the API and the database are killed again and again, and the figures are right', { timeout: 300_000 }, async () => {
  await using output = await temporaryFolder();
  const file = path.join(output.folder, 'outcome.json');
  const size = Object.entries(SIZE).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const run = spawn(process.execPath, [BENCH, ...size, '--output', file], {
    env: { ...process.env, TASKTRACKER_CACHE_DIR: inject('cacheDir') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = '';
  run.stderr.on('data', (chunk) => {
    told += String(chunk);
  });
  const [code] = (await once(run, 'close')) as [number | null];
  expect(code, told).toBe(0);
  const { totals, clients } = JSON.parse(await readFile(file, 'utf8')) as Outcome;
  const wrong = clients.filter(({ error, examples, lacking }) => error !== null || examples.length > 0 || lacking !== undefined);
  expect(wrong, told).toEqual([]);
  expect(totals).toMatchObject({ wrongLists: 0, failedClients: 0, missed: 0, backwards: 0, phantoms: 0, relists: 0, wrongFigures: 0, apiKills: 3, databaseKills: inject('embedded') ? 1 : 0 });
  // What could go wrong was met with at all.
  expect(totals['acknowledged']).toBeGreaterThanOrEqual(1_000);
  expect(totals['figuresCompared']).toBeGreaterThan(100);
  for (const met of ['reconnects', 'pauses', 'clientRestarts', 'unsure'] as const) expect(totals[met], met).toBeGreaterThan(0);
});
