import { describe, expect, it } from 'vitest';

import { differences } from '../../../dashboard/src/task-drawer/difference.js';

describe('what changed between two attempts', () => {
  it('names fields and paths of metadata, and neither what is the same nor what is never shared', () => {
    const before = { id: '1', executionId: 'a', status: 'FAILED', retryCount: 0, errorMessage: 'no route', metadata: { code: 3, aircraft: { id: 'N1', type: 'AT-802' }, files: ['a', 'b'] } };
    const after = { id: '2', executionId: 'b', status: 'QUEUED', retryCount: 0, errorMessage: null, metadata: { code: '3', aircraft: { type: 'AT-802' }, files: ['a', 'c', 'd'], note: '' } };
    expect(differences(before, after)).toEqual([
      { name: 'status', before: 'FAILED', after: 'QUEUED' },
      { name: 'errorMessage', before: 'no route', after: null },
      { name: 'metadata.aircraft.id', before: 'N1', after: null },
      { name: 'metadata.code', before: '3', after: '3' },
      { name: 'metadata.files.1', before: 'b', after: 'c' },
      { name: 'metadata.files.2', before: null, after: 'd' },
      { name: 'metadata.note', before: null, after: '' },
    ]);
  });

  it('tells null in metadata from nothing, and empty objects from none', () => {
    expect(differences({ metadata: { a: null } }, { metadata: {} })).toEqual([{ name: 'metadata.a', before: 'null', after: null }]);
    expect(differences({ metadata: { a: {} } }, { metadata: { a: [] } })).toEqual([{ name: 'metadata.a', before: '{}', after: '[]' }]);
  });

  it('finds nothing where nothing changed', () => {
    const task = { executionId: 'a', status: 'FAILED', completedAt: null, metadata: { a: { b: [1, { c: true }] } } };
    expect(differences(task, structuredClone({ ...task, executionId: 'b' }))).toEqual([]);
  });
});
