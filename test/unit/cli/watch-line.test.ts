import { describe, expect, it } from 'vitest';

import { changeLine, duration, isMereTouch, type LineTask, printable } from '../../../src/cli/watch/line.js';
import { paintFor } from '../../../src/cli/watch/paint.js';
import type { TaskChange } from '../../../src/client/index.js';

const TASK: LineTask = { id: 'i', executionId: 'e', taskId: 'jobs:1', queueName: 'jobs', status: 'QUEUED', retryCount: 0, waitMs: null, runMs: null, errorCategory: null, errorMessage: null };

function line(fields: Partial<TaskChange<LineTask>>, colours = false): string {
  const change: TaskChange<LineTask> = {
    cursor: 'c', kind: 'UPDATED', at: '', executionId: 'e', nodeId: 'i', task: TASK, status: 'QUEUED', previousStatus: null, changedFields: [], lookedUp: false, matches: true, ...fields,
  };
  return changeLine(change, '12:00', paintFor(colours)).replace(/ {2,}/g, '  ');
}

describe('the line of a change', () => {
  it('says what became of the execution', () => {
    expect(line({ kind: 'CREATED' })).toBe('12:00  new → QUEUED  jobs  jobs:1  attempt 1');
    expect(line({ status: 'PROCESSING', previousStatus: 'QUEUED', task: { ...TASK, waitMs: 12.4 } })).toBe('12:00  QUEUED → PROCESSING  jobs  jobs:1  attempt 1  waited 12 ms');
    expect(line({ status: 'COMPLETED', previousStatus: 'PROCESSING', task: { ...TASK, runMs: 61_500, retryCount: 2 } })).toBe('12:00  PROCESSING → COMPLETED  jobs  jobs:1  attempt 3  ran 1 min 1 s');
    expect(line({ status: 'DLQ', previousStatus: 'FAILED', task: { ...TASK, runMs: 5, errorCategory: 'VALIDATION', errorMessage: 'no date' } })).toBe('12:00  FAILED → DLQ  jobs  jobs:1  attempt 1  VALIDATION: no date');
  });

  it('says what else changed where the status did not', () => {
    expect(line({ previousStatus: 'QUEUED', changedFields: ['metadata.progress', 'updatedAt'] })).toBe('12:00  QUEUED  jobs  jobs:1  attempt 1  changed metadata.progress, updatedAt');
  });

  it('is nothing to tell where only the time of the change changed, as of an attempt that is retried', () => {
    const touch = { kind: 'UPDATED', status: 'FAILED', previousStatus: 'FAILED', changedFields: ['updatedAt'] } as const;
    expect(isMereTouch(touch)).toBe(true);
    expect(isMereTouch({ ...touch, changedFields: ['metadata.progress', 'updatedAt'] })).toBe(false);
    expect(isMereTouch({ ...touch, previousStatus: 'PROCESSING' })).toBe(false);
    expect(isMereTouch({ ...touch, kind: 'CREATED', previousStatus: null, changedFields: [] })).toBe(false);
  });

  it('names a removed execution as far as it is known', () => {
    const removed = { kind: 'REMOVED', task: null, status: null } as const;
    expect(line({ ...removed, previousStatus: 'ARCHIVED' })).toBe('12:00  ARCHIVED → removed  e');
    expect(line({ ...removed, executionId: null })).toBe('12:00  removed  (unknown execution)');
  });

  it('says that the status before is not known', () => {
    expect(line({ status: 'FAILED' })).toBe('12:00  ? → FAILED  jobs  jobs:1  attempt 1');
  });

  it('is coloured where the terminal has colours', () => {
    expect(line({ status: 'COMPLETED', previousStatus: 'PROCESSING' }, true)).toContain('\u001b[32mPROCESSING → COMPLETED\u001b[0m');
  });

  it('lets a terminal obey nothing that a document holds', () => {
    expect(printable('a\u001b]0;title\u0007b\r\nc\u009b2Jd\u202ee')).toBe('a\ufffd]0;title\ufffdb\ufffd\ufffdc\ufffd2Jd\ufffde');
    expect(printable('x'.repeat(600))).toHaveLength(512);
    const nasty = line({ kind: 'CREATED', status: 'FAILED', task: { ...TASK, taskId: 'a\u001b[2J', queueName: 'q\nq', errorMessage: '\u001b[31m', errorCategory: 'UNKNOWN' } });
    expect(nasty).not.toMatch(/[\u0000-\u001f]/);
  });

  it('gives durations in the unit that suits them', () => {
    expect([0, 999, 1_000, 59_900, 60_000, 3_599_000, 7_260_000].map(duration)).toEqual(['0 ms', '999 ms', '1.0 s', '59.9 s', '1 min 0 s', '59 min 59 s', '2 h 1 min']);
  });
});
