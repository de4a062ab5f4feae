import { describe, expect, it } from 'vitest';

import { InvalidInputError } from '../../../src/model/errors.js';
import { errorRangeOf, seriesOf } from '../../../src/stats/requests.js';
import type { Interval } from '../../../src/stats/types.js';

const NOW = Date.parse('2026-03-05T14:37:21.123Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const at = (ms: number): Date => new Date(ms);
const series = (interval: Interval, from: number, to?: number) =>
  seriesOf({ queueName: null, from: at(from), to: to === undefined ? undefined : at(to), interval }, NOW);

function refusal(work: () => unknown): InvalidInputError {
  try {
    work();
  } catch (error) {
    if (error instanceof InvalidInputError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('a range of buckets', () => {
  it('is widened to whole buckets, and ends now where no end is given', () => {
    expect(series('MINUTE', NOW - HOUR)).toMatchObject({ from: Date.parse('2026-03-05T13:37:00Z'), to: Date.parse('2026-03-05T14:38:00Z') });
    expect(series('DAY', NOW - 2 * DAY)).toMatchObject({ from: Date.parse('2026-03-03T00:00:00Z'), to: Date.parse('2026-03-06T00:00:00Z') });
    expect(series('HOUR', Date.parse('2026-03-05T10:00:00Z'), Date.parse('2026-03-05T12:00:00Z'))).toMatchObject({
      from: Date.parse('2026-03-05T10:00:00Z'),
      to: Date.parse('2026-03-05T12:00:00Z'),
    });
  });

  it('may begin where figures do, however long the request took to arrive', () => {
    expect(series('MINUTE', NOW - DAY).from).toBe(Date.parse('2026-03-04T14:37:00Z'));
    const earliest = Date.parse('2026-03-04T14:35:00Z');
    expect(series('MINUTE', earliest - MINUTE, NOW - HOUR).from).toBe(earliest);
    expect(series('HOUR', NOW - 30 * DAY - 500).from).toBe(Date.parse('2026-02-03T14:00:00Z'));
    expect(refusal(() => series('MINUTE', earliest - MINUTE - 1, NOW - HOUR))).toMatchObject({
      field: ['from'],
      message: 'from must not lie before 2026-03-04T14:35:00.000Z: figures reach back 24 hours',
    });
    expect(refusal(() => series('DAY', NOW - 32 * DAY)).message).toContain('figures reach back 30 days');
  });

  it('has about 1,440 buckets at most', () => {
    for (const [interval, span] of [['MINUTE', DAY], ['FIVE_MINUTES', DAY], ['HOUR', 30 * DAY], ['DAY', 30 * DAY]] as const) {
      const { from, to } = series(interval, NOW - span);
      const width = { MINUTE, FIVE_MINUTES: 5 * MINUTE, HOUR, DAY }[interval];
      expect((to - from) / width).toBeLessThanOrEqual(1_442);
      expect(refusal(() => series(interval, NOW - span, NOW + 2 * MINUTE))).toMatchObject({ field: ['to'] });
    }
  });

  it('is refused with the name of the argument that is wrong', () => {
    expect(refusal(() => series('MINUTE', NOW, NOW))).toMatchObject({ field: ['from'], message: 'from must lie before to' });
    expect(refusal(() => series('MINUTE', NOW + HOUR)).field).toEqual(['from']);
    expect(refusal(() => series('MINUTE', Number.NaN)).field).toEqual(['from']);
    expect(refusal(() => series('MINUTE', NOW - HOUR, Number.NaN)).field).toEqual(['to']);
    expect(refusal(() => series('WEEK' as Interval, NOW - HOUR)).field).toEqual(['interval']);
    expect(refusal(() => seriesOf({ queueName: { $gt: '' } as never, from: at(NOW - HOUR), interval: 'HOUR' }, NOW)).field).toEqual(['queueName']);
  });
});

describe('a range of failures', () => {
  it('is the last 30 days where nothing is said, and 20 groups', () => {
    expect(errorRangeOf({}, NOW)).toEqual({ queueName: null, from: NOW - 30 * DAY, to: NOW + MINUTE, first: 20 });
  });

  it('is refused with the name of the argument that is wrong', () => {
    expect(refusal(() => errorRangeOf({ from: at(NOW - 32 * DAY) }, NOW)).field).toEqual(['from']);
    expect(refusal(() => errorRangeOf({ from: at(NOW - HOUR), to: at(NOW - HOUR) }, NOW)).field).toEqual(['from']);
    for (const first of [0, 201, 1.5]) expect(refusal(() => errorRangeOf({ first }, NOW))).toMatchObject({ field: ['first'] });
    expect(errorRangeOf({ first: 200 }, NOW).first).toBe(200);
  });
});
