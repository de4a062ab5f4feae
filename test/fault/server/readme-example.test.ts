import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, it } from 'vitest';

import { runningApp } from '../../support/app.js';
import { stored } from '../../support/feed.js';

const root = path.resolve(import.meta.dirname, '../../..');
const readme = readFileSync(path.join(root, 'README.md'), 'utf8');

it("the README's example of a watch runs as it stands, against the built package", async () => {
  await using running = await runningApp();
  const { collection } = running.app.model;
  await collection.insertOne(stored('old', { taskId: 'jobs:old', status: 'failed' }) as never);
  const example = /```js\n([^]*?)```/.exec(readme)?.[1] ?? '';
  expect(example).toContain('http://127.0.0.1:4000/graphql');
  const code = example.replace('http://127.0.0.1:4000/graphql', running.url);
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    err += String(chunk);
  });
  const printed = (text: string) => expect.poll(() => out + err, { timeout: 20_000 }).toContain(text);
  try {
    await printed('1 failures (list)\n');
    await collection.insertOne(stored('new', { taskId: 'jobs:new', status: 'processing' }) as never);
    await collection.updateOne({ executionId: 'new' }, { $set: { status: 'failed' } });
    await printed('2 failures (jobs:new: FAILED)\n');
    await collection.updateOne({ executionId: 'new' }, { $set: { status: 'completed' } });
    await printed('1 failures (jobs:new: COMPLETED)\n');
    expect(err).toBe('');
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
});
