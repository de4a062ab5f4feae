import { describe, expect, it } from 'vitest';

import type { TaskChangeEvent } from '../../../src/feed/types.js';
import { acceptsFor } from '../../../src/graphql/subscriptions/accepts.js';
import { EVERY_KEY } from '../../../src/graphql/subscriptions/coalesce.js';
import { queuesOf } from '../../../src/graphql/subscriptions/queue-stats.js';
import { InvalidInputError } from '../../../src/model/errors.js';
import { type Execution, toExecution } from '../../../src/model/execution.js';
import { TaskStatus } from '../../../src/model/status.js';

const execution = (fields: Record<string, unknown>): Execution =>
  toExecution({ _id: 'a', taskId: 'jobs:1', executionId: 'e', queueName: 'work', enqueuedAt: new Date(), createdAt: new Date(), ...fields });

const event = (fields: Partial<TaskChangeEvent>): TaskChangeEvent => ({
  cursor: 'c',
  kind: 'UPDATED',
  at: new Date(),
  executionId: 'e',
  documentId: 'a',
  task: null,
  before: null,
  lookedUp: false,
  status: null,
  previousStatus: null,
  changedFields: [],
  ...fields,
});

const failed = execution({ status: 'failed', metadata: { partner: { code: 'x' } } });
const queued = execution({ status: 'queued' });

describe('acceptsFor', () => {
  const accepts = acceptsFor({ status: [TaskStatus.FAILED] });

  it('takes what enters, stays in, and leaves a filtered list, and nothing else', () => {
    expect(accepts(event({ task: failed, before: queued }))).toBe(true);
    expect(accepts(event({ task: failed, before: failed }))).toBe(true);
    expect(accepts(event({ task: queued, before: failed }))).toBe(true);
    expect(accepts(event({ task: queued, before: queued, changedFields: ['status'] }))).toBe(false);
    expect(accepts(event({ kind: 'CREATED', task: queued }))).toBe(false);
  });

  it('takes a change of what it filters by where nothing is known of before', () => {
    expect(accepts(event({ task: queued, changedFields: ['status', 'updatedAt'] }))).toBe(true);
    expect(accepts(event({ task: queued, changedFields: ['updatedAt'] }))).toBe(false);
  });

  it('takes a removal of something unknown, and of what it listed', () => {
    expect(accepts(event({ kind: 'REMOVED' }))).toBe(true);
    expect(accepts(event({ kind: 'REMOVED', before: failed }))).toBe(true);
    expect(accepts(event({ kind: 'REMOVED', before: queued }))).toBe(false);
  });

  it('knows that a change above or below a metadata path is a change of it', () => {
    const byPartner = acceptsFor({ metadata: [{ path: 'partner.code', eq: 'x' }] });
    expect(byPartner(event({ task: failed, before: queued }))).toBe(true);
    for (const changed of ['metadata', 'metadata.partner', 'metadata.partner.code', 'metadata.partner.code.deeper']) {
      expect(byPartner(event({ task: queued, changedFields: [changed] })), changed).toBe(true);
    }
    expect(byPartner(event({ task: queued, changedFields: ['metadata.partnership'] }))).toBe(false);
  });

  it('takes everything where there is no condition', () => {
    for (const filter of [null, undefined, {}, { status: null }]) expect(acceptsFor(filter)(event({ task: queued }))).toBe(true);
  });

  it('refuses a bad filter when it is made', () => {
    expect(() => acceptsFor({ metadata: [{ path: '$where', eq: 1 }] })).toThrow(InvalidInputError);
  });
});

describe('queuesOf', () => {
  it('names the queue whose counts an event changes, both where it moves', () => {
    expect(queuesOf(event({ kind: 'CREATED', task: queued }))).toEqual(['work']);
    expect(queuesOf(event({ task: failed, before: queued, changedFields: ['status'] }))).toEqual(['work']);
    const moved = execution({ queueName: 'other' });
    expect(queuesOf(event({ task: moved, before: queued, changedFields: ['queueName'] }))).toEqual(['other', 'work']);
    expect(queuesOf(event({ kind: 'REMOVED', before: queued }))).toEqual(['work']);
  });

  it('names none where no count changes', () => {
    expect(queuesOf(event({ task: queued, before: queued, changedFields: ['metadata.a', 'updatedAt'] }))).toEqual([]);
    expect(queuesOf(event({ kind: 'BOOKMARK' }))).toEqual([]);
  });

  it('names every queue where the one it left is not known', () => {
    expect(queuesOf(event({ kind: 'REMOVED' }))).toEqual([EVERY_KEY]);
    expect(queuesOf(event({ task: queued, changedFields: ['queueName'] }))).toEqual([EVERY_KEY]);
  });
});
