import { describe, expect, it } from 'vitest';

import { obstacle, sortOut } from '../../../dashboard/src/actions/moves.js';
import { type Progress, runAll } from '../../../dashboard/src/actions/run-all.js';
import type { ApiError } from '../../../dashboard/src/api/errors.js';

const REFUSED: ApiError = { code: 'CONFLICT', message: 'Another execution is active.' };
const OFFLINE: ApiError = { code: 'NETWORK', message: 'The server did not answer.' };
const nothing = (): void => undefined;

describe('something done to each of many', () => {
  it('never has more under way than it may, and tells how far it is', async () => {
    let underWay = 0;
    let most = 0;
    const seen: Progress<number>[] = [];
    const result = await runAll(
      [1, 2, 3, 4, 5, 6, 7],
      async () => {
        underWay += 1;
        most = Math.max(most, underWay);
        await new Promise((resolve) => setImmediate(resolve));
        underWay -= 1;
        return null;
      },
      { concurrency: 3, signal: new AbortController().signal, onProgress: (progress) => seen.push(progress) },
    );
    expect(most).toBe(3);
    expect(result).toEqual({ total: 7, succeeded: 7, refusals: [], state: 'finished' });
    expect(seen.map(({ succeeded }) => succeeded)).toEqual([1, 2, 3, 4, 5, 6, 7, 7]);
  });

  it('goes on after a refusal, and keeps each with what was refused', async () => {
    const result = await runAll(['a', 'b', 'c'], (item) => Promise.resolve(item === 'b' ? REFUSED : null), { concurrency: 1, signal: new AbortController().signal, onProgress: nothing });
    expect(result).toEqual({ total: 3, succeeded: 2, refusals: [{ item: 'b', error: REFUSED }], state: 'finished' });
  });

  it('begins no other once it is cancelled, and counts those that were under way', async () => {
    const controller = new AbortController();
    const begun: number[] = [];
    const result = await runAll(
      [1, 2, 3, 4, 5],
      (item) => {
        begun.push(item);
        if (item === 2) controller.abort();
        return Promise.resolve(null);
      },
      { concurrency: 2, signal: controller.signal, onProgress: nothing },
    );
    expect(begun).toEqual([1, 2]);
    expect(result).toMatchObject({ succeeded: 2, state: 'cancelled' });
  });

  it('stops where the server does not answer', async () => {
    const begun: number[] = [];
    const result = await runAll([1, 2, 3], (item) => Promise.resolve(begun.push(item) === 2 ? OFFLINE : null), { concurrency: 1, signal: new AbortController().signal, onProgress: nothing });
    expect(begun).toEqual([1, 2]);
    expect(result).toMatchObject({ succeeded: 1, refusals: [{ item: 2 }], state: 'stopped' });
  });

  it('is finished at once where there is nothing to do', async () => {
    expect(await runAll([], () => Promise.resolve(null), { concurrency: 4, signal: new AbortController().signal, onProgress: nothing })).toMatchObject({ total: 0, state: 'finished' });
  });
});

describe('what can be done to an execution', () => {
  const task = (status: 'QUEUED' | 'FAILED' | 'DLQ' | 'ARCHIVED', canRetry = true) => ({ executionId: status, taskId: 't', status, canRetry });

  it('follows from where it stands', () => {
    expect(obstacle('retry', task('FAILED'))).toBeNull();
    expect(obstacle('retry', task('FAILED', false))).toMatch('exhausted');
    expect(obstacle('retry', task('DLQ', false))).toBeNull();
    expect(obstacle('retry', task('QUEUED'))).not.toBeNull();
    expect(obstacle('archive', task('DLQ'))).toBeNull();
    expect(obstacle('archive', task('FAILED'))).not.toBeNull();
    expect(obstacle('moveToDlq', task('FAILED', false))).toBeNull();
    expect(obstacle('moveToDlq', task('ARCHIVED'))).not.toBeNull();
  });

  it('parts those that it can be done to from the others', () => {
    const { possible, impossible } = sortOut('archive', [task('DLQ'), task('FAILED'), task('DLQ')]);
    expect([possible.length, impossible]).toEqual([2, 1]);
  });
});
