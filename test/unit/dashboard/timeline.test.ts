import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { layOut, type TimedAttempt } from '../../../dashboard/src/task-drawer/timeline.js';

const T0 = Date.UTC(2026, 0, 1);
const at = (ms: number): string => new Date(T0 + ms).toISOString();

function attempt(enqueued: number, started: number | null, ended: number | null, status = 'FAILED'): TimedAttempt {
  return {
    status,
    enqueuedAt: at(enqueued),
    processingStartedAt: started === null ? null : at(started),
    completedAt: status === 'COMPLETED' && ended !== null ? at(ended) : null,
    failedAt: status !== 'COMPLETED' && ended !== null ? at(ended) : null,
  };
}

describe('the time axis of a retry chain', () => {
  it('draws waits and runs to scale over the whole width', () => {
    const { bars, pauses } = layOut([attempt(0, 250, 1_000, 'COMPLETED')], T0 + 99_000);
    expect(pauses).toEqual([]);
    expect(bars).toEqual([
      [
        { kind: 'wait', from: 0, to: 0.25, ms: 250, open: false },
        { kind: 'run', from: 0.25, to: 1, ms: 750, open: false },
      ],
    ]);
  });

  it('draws a short pause between attempts to scale, and a long one as a break', () => {
    const short = layOut([attempt(0, 100, 500), attempt(540, 600, 1_000)], T0);
    expect(short.pauses).toEqual([]);
    expect(short.bars[1]?.[0]?.from).toBeCloseTo(0.54);

    const hour = 3_600_000;
    const long = layOut([attempt(0, 100, 500), attempt(hour, hour + 100, hour + 500)], T0);
    expect(long.pauses).toEqual([{ at: expect.closeTo(0.465), to: expect.closeTo(0.535), ms: hour - 500 }]);
    expect(long.bars[0]?.[1]).toMatchObject({ from: expect.closeTo(0.093), to: expect.closeTo(0.465), ms: 400 });
    expect(long.bars[1]?.[1]?.to).toBeCloseTo(1);
  });

  it('lets what is under way grow to now', () => {
    const waiting = layOut([attempt(0, null, null, 'QUEUED')], T0 + 5_000);
    expect(waiting.bars).toEqual([[{ kind: 'wait', from: 0, to: 1, ms: 5_000, open: true }]]);
    const running = layOut([attempt(0, 1_000, null, 'PROCESSING')], T0 + 5_000);
    expect(running.bars[0]?.[1]).toEqual({ kind: 'run', from: 0.2, to: 1, ms: 4_000, open: true });
  });

  it('bears attempts that took no time at all', () => {
    expect(layOut([attempt(0, 0, 0)], T0).bars[0]?.[1]).toMatchObject({ from: 0, to: 0, ms: 0 });
    expect(layOut([], T0)).toEqual({ bars: [], pauses: [] });
  });

  it('stays within the width, in the order of time, whatever the attempts hold', () => {
    const instant = fc.integer({ min: 0, max: 10_000_000 });
    const any = fc.record({ enqueued: instant, started: fc.option(instant), ended: fc.option(instant), status: fc.constantFrom('QUEUED', 'PROCESSING', 'COMPLETED', 'FAILED', 'DLQ', 'ARCHIVED', 'UNKNOWN') });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 12 }), (all) => {
        const { bars, pauses } = layOut(all.map(({ enqueued, started, ended, status }) => attempt(enqueued, started, ended, status)), T0 + 5_000_000);
        expect(bars).toHaveLength(all.length);
        for (const { from, to } of [...bars.flat(), ...pauses.map((pause) => ({ from: pause.at, to: pause.to }))]) {
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeGreaterThanOrEqual(from - 1e-9);
          expect(to).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
    );
  });
});
