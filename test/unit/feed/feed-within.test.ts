import { describe, expect, it } from 'vitest';

import { QueueScope } from '../../../src/access/queue-scope.js';
import { eventWithin } from '../../../src/feed/feed-within.js';
import type { ChangeKind, TaskChangeEvent } from '../../../src/feed/types.js';
import { type Execution, toExecution } from '../../../src/model/execution.js';

const SCOPE = new QueueScope(['a-*']);
const inQueue = (queueName: unknown): Execution => toExecution({ _id: 'id', executionId: 'e', taskId: 't', queueName, status: 'queued' });

function event(kind: ChangeKind, before: Execution | null, task: Execution | null): TaskChangeEvent {
  return {
    cursor: 'c',
    kind,
    at: new Date(0),
    executionId: (task ?? before)?.executionId ?? null,
    documentId: 'id',
    task,
    before,
    lookedUp: false,
    status: task?.status ?? null,
    previousStatus: before?.status ?? null,
    changedFields: ['queueName'],
  };
}

describe('An event within a scope', () => {
  const [mine, others, listed] = [inQueue('a-1'), inQueue('b'), inQueue(['a-1'])];

  it('is the event itself where the execution stays in the scope, or nothing is known of it before', () => {
    for (const each of [event('CREATED', null, mine), event('UPDATED', mine, mine), event('UPDATED', null, mine), event('REMOVED', mine, null), event('UPDATED', mine, null), event('BOOKMARK', null, null)]) {
      expect(eventWithin(SCOPE, each)).toBe(each);
    }
  });

  it('is nothing where the execution is outside, or nobody can tell', () => {
    for (const each of [event('CREATED', null, others), event('UPDATED', others, others), event('REMOVED', others, null), event('REMOVED', null, null), event('UPDATED', null, null), event('CREATED', null, listed), event('UPDATED', null, others)]) {
      expect(eventWithin(SCOPE, each)).toBeNull();
    }
  });

  it('is a removal where the execution leaves, with nothing of what it has become', () => {
    for (const after of [others, listed]) {
      expect(eventWithin(SCOPE, event('UPDATED', mine, after))).toMatchObject({ kind: 'REMOVED', cursor: 'c', executionId: 'e', documentId: 'id', task: null, status: null, previousStatus: 'queued', changedFields: [] });
    }
  });

  it('is a creation where the execution comes in, with nothing of what it was', () => {
    expect(eventWithin(SCOPE, event('UPDATED', others, mine))).toMatchObject({ kind: 'CREATED', task: mine, before: null, previousStatus: null });
  });
});
