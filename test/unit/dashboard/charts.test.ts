import { describe, expect, it } from 'vitest';

import { type Series, stack, ticksBetween } from '../../../dashboard/src/charts/series.js';
import { lastMinutes, recentRate } from '../../../dashboard/src/charts/throughput.js';
import { intervalFor, parseRange, parseZoom, windowOf, writeZoom } from '../../../dashboard/src/charts/window.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.parse('2026-11-24T10:20:45.857Z');
const iso = (ms: number): string => new Date(ms).toISOString();

describe('the part of time that charts show', () => {
  it.each([
    ['1h', 'MINUTE', '2026-11-24T09:20:00.000Z', '2026-11-24T10:21:00.000Z'],
    ['6h', 'FIVE_MINUTES', '2026-11-24T04:20:00.000Z', '2026-11-24T10:25:00.000Z'],
    ['24h', 'FIVE_MINUTES', '2026-11-23T10:25:00.000Z', '2026-11-24T10:25:00.000Z'],
    ['7d', 'HOUR', '2026-11-17T10:00:00.000Z', '2026-11-24T11:00:00.000Z'],
    ['30d', 'DAY', '2026-10-26T00:00:00.000Z', '2026-11-25T00:00:00.000Z'],
  ] as const)('%s is in buckets of %s from %s to %s', (range, interval, from, to) => {
    const window = windowOf(range, null, NOW);
    expect({ ...window, from: iso(window.from), to: iso(window.to) }).toEqual({ interval, from, to, live: true });
  });

  it('never asks for more than the API keeps', () => {
    for (const range of ['1h', '6h', '24h', '7d', '30d'] as const) {
      for (let minute = 0; minute < 2 * 24 * 60; minute += 7) {
        const now = NOW + minute * MINUTE;
        const { from, to, interval } = windowOf(range, null, now);
        expect(now - from).toBeLessThanOrEqual(interval === 'MINUTE' || interval === 'FIVE_MINUTES' ? DAY : 30 * DAY);
        expect(to).toBeGreaterThan(from);
      }
    }
  });

  it('becomes finer as it is zoomed into, as far as finer buckets are kept', () => {
    const day = windowOf('24h', { from: NOW - 3 * HOUR, to: NOW - 2 * HOUR }, NOW);
    expect(day).toMatchObject({ interval: 'MINUTE', live: false });
    expect(intervalFor({ from: NOW - 20 * DAY, to: NOW - 19 * DAY }, NOW)).toBe('HOUR');
    expect(intervalFor({ from: NOW - 29 * DAY, to: NOW }, NOW)).toBe('DAY');
  });

  it('holds the bucket that still grows, also at the instant when it begins', () => {
    const minute = Date.UTC(2026, 10, 24, 12, 5);
    for (const range of ['1h', '6h', '24h', '7d', '30d'] as const) {
      const { from, to, interval } = windowOf(range, null, minute);
      expect(to).toBeGreaterThan(minute);
      // The most that the API answers for at once.
      expect(to - from).toBeLessThanOrEqual(interval === 'MINUTE' || interval === 'FIVE_MINUTES' ? DAY : 30 * DAY);
    }
  });

  it('stays the same until a bucket is over', () => {
    const at = Date.parse('2026-11-24T10:20:00.500Z');
    expect(windowOf('1h', null, at)).toEqual(windowOf('1h', null, at + 59_000));
    expect(windowOf('1h', null, at)).not.toEqual(windowOf('1h', null, at + 60_000));
  });

  it('is kept in the URL, and anything else there is passed over', () => {
    expect(parseZoom(writeZoom({ from: 1_000.4, to: 2_000 }))).toEqual({ from: 1_000, to: 2_000 });
    for (const text of [null, '', '5', '5-5', '9-5', 'a-b', '-1-5']) expect(parseZoom(text)).toBeNull();
    expect([parseRange('7d'), parseRange('7y'), parseRange(null)]).toEqual(['7d', '1h', '1h']);
  });
});

describe('a sparkline', () => {
  it('has every minute up to now, the newest figures of each', () => {
    const bucket = (at: string, completed: number) => ({ start: `2026-11-24T${at}:00.000Z`, completed, failed: 1 });
    const minutes = lastMinutes(NOW, 4, [bucket('10:17', 3), bucket('10:19', 5), bucket('09:00', 9)], [bucket('10:19', 6), bucket('10:20', 1)]);
    expect(minutes.map(({ at, completed, failed }) => [iso(at).slice(11, 16), completed, failed])).toEqual([
      ['10:17', 3, 1],
      ['10:18', 0, 0],
      ['10:19', 6, 1],
      ['10:20', 1, 1],
    ]);
  });

  it('gives the rate of the last whole minutes, without the one that has only begun', () => {
    const minutes = [9, 9, 2, 2, 2, 2, 2, 0].map((completed, index) => ({ at: index, completed, failed: 1 }));
    expect(recentRate(minutes)).toBe(3);
    expect(recentRate([])).toBe(0);
  });
});

describe('stacked series', () => {
  it('are drawn from the highest sum down, lines over them, the first on top', () => {
    const series = (key: string, kind: Series['kind'], values: (number | null)[]): Series => ({ key, label: key, color: '', kind, values });
    const { order, values } = stack([series('a', 'bar', [1, 2]), series('line', 'line', [7, null]), series('b', 'bar', [10, null]), series('under', 'line', [3, 3])]);
    expect(order.map(({ key }) => key)).toEqual(['b', 'a', 'under', 'line']);
    expect(values).toEqual([
      [11, 2],
      [1, 2],
      [3, 3],
      [7, null],
    ]);
  });
});

describe('the ticks of an axis', () => {
  it('are round, and as many as there is room for', () => {
    const ticks = ticksBetween(NOW - HOUR, NOW, 800);
    expect(ticks.map((at) => iso(at).slice(14, 16))).toEqual(['30', '40', '50', '00', '10', '20']);
    for (const width of [120, 400, 2_000]) {
      for (const span of [10 * MINUTE, HOUR, DAY, 30 * DAY]) expect(ticksBetween(NOW - span, NOW, width).length).toBeLessThanOrEqual(Math.max(2, width / 76) + 1);
    }
  });
});
