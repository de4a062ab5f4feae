import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { JOBS, PARTNER_TASKS } from '../../../src/demo/queues.js';
import { doWork } from '../../../src/demo/work.js';

let root: string;
let output: string;

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'demo-work-'));
  output = path.join(root, 'output');
  mkdirSync(output);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const target = path.join(root, name);
  writeFileSync(target, content);
  return target;
}

const work = (queueName: string, metadata: Record<string, unknown>) =>
  doWork({ executionId: 'e', taskId: 't', queueName, metadata }, { maxBytes: 10_000, outputFolder: output });

describe('a partner task', () => {
  it('accepts a file that is valid JSON', async () => {
    await work(PARTNER_TASKS, { file: file('log.json', '[{"at": 1}]') });
  });

  it.each([
    ['invalid JSON', () => ({ file: file('log.json', '// no\n{}') }), { category: 'VALIDATION', recoverable: false }],
    ['a manifest without a version', () => ({ file: file('package.json', '{"name": "a"}') }), { category: 'PROCESSING', recoverable: true }],
    ['an upload that is not whole yet', () => ({ file: file('log.json', '{"a'), expectedBytes: 99 }), { category: 'TRANSIENT', recoverable: true }],
    ['a file that is gone', () => ({ file: path.join(root, 'gone.json') }), { category: 'INFRASTRUCTURE', recoverable: true }],
    ['a folder in the place of a file', () => ({ file: root }), { category: 'VALIDATION', recoverable: false }],
    ['a task that names no file', () => ({}), { category: 'VALIDATION', recoverable: false }],
  ])('refuses %s', async (_what, metadata, expected) => {
    await expect(work(PARTNER_TASKS, metadata())).rejects.toMatchObject({ name: 'WorkError', ...expected });
  });

  it('refuses a file above the limit without reading it', async () => {
    const huge = file('huge.json', '');
    truncateSync(huge, 10_000_000_000);
    await expect(work(PARTNER_TASKS, { file: huge })).rejects.toMatchObject({ category: 'PROCESSING', recoverable: false });
  });
});

describe('a job', () => {
  it.each(['hash', 'compress'])('does %s a file, and leaves nothing in the output folder', async (jobType) => {
    await work(JOBS, { jobType, file: file('a.txt', 'text '.repeat(100)) });
    expect(readdirSync(output)).toEqual([]);
  });

  it('compresses a folder, leaving out what is too big', async () => {
    file('a.txt', 'text');
    file('b.txt', 'x'.repeat(20_000));
    await work(JOBS, { jobType: 'bundle', folder: root });
    expect(readdirSync(output)).toEqual([]);
  });

  it('refuses a type that it does not know', async () => {
    await expect(work(JOBS, { jobType: 'sleep' })).rejects.toMatchObject({ category: 'VALIDATION', recoverable: false });
  });
});
