import { describe, expect, it } from 'vitest';

import { Closers } from '../../src/app/closers.js';
import { silentLogger } from '../support/database.js';

const never = (): Promise<void> => new Promise(() => undefined);

function closers(closed: string[]) {
  const all = new Closers(silentLogger());
  return Object.assign(all, {
    quick: (name: string) =>
      all.add(name, () => {
        closed.push(name);
        return Promise.resolve();
      }),
  });
}

describe('closing what was opened', () => {
  it('goes from the last to the first, past one that fails', async () => {
    const closed: string[] = [];
    const all = closers(closed);
    all.quick('first');
    all.add('second', () => Promise.reject(new Error('cannot')));
    all.quick('third');
    await all.close(1_000);
    expect(closed).toEqual(['third', 'first']);
  });

  it('keeps its limit where parts hang, and has told each of them to close by then', async () => {
    const closed: string[] = [];
    const all = closers(closed);
    const left: number[] = [];
    const hangs = (leftMs: number) => {
      left.push(leftMs);
      return never();
    };
    all.quick('first');
    all.add('hangs too', hangs);
    all.add('hangs', hangs);
    const startedAt = performance.now();
    await all.close(100);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(closed).toEqual(['first']);
    expect(left[0]).toBeGreaterThan(90);
    expect(left[1]).toBeLessThan(10);
  });

  it('waits for one that keeps a limit of its own', async () => {
    const closed: string[] = [];
    const all = closers(closed);
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    all.add('database', () => ended.then(() => void closed.push('database')), { keepsOwnLimit: true });
    all.add('hangs', () => never());
    const closing = all.close(10).then(() => closed.push('all'));
    setTimeout(end, 400);
    await closing;
    expect(closed).toEqual(['database', 'all']);
  });

  it('happens once', async () => {
    const closed: string[] = [];
    const all = closers(closed);
    all.quick('first');
    await all.close(10);
    await all.close(10);
    expect(closed).toEqual(['first']);
  });
});
