import { describe, expect, it } from 'vitest';

import { TaskFold, type TaskChange, type TaskKeys, type WatchItem } from '../../../src/client/index.js';

interface Row extends TaskKeys {
  readonly v: number;
}

const row = (name: string, v: number): Row => ({ id: `id-${name}`, executionId: name, v });

const list = (...tasks: Row[]): WatchItem<Row> => ({ type: 'list', tasks, cursor: 'c', cause: null });

function change(fields: Partial<TaskChange<Row>> & { nodeId: string }): WatchItem<Row> {
  const change: TaskChange<Row> = {
    cursor: 'c', kind: 'UPDATED', at: '', executionId: null, task: null, status: null, previousStatus: null, changedFields: [], lookedUp: false, matches: false, ...fields,
  };
  return { type: 'change', change, cursor: 'c' };
}

const put = (task: Row, matches = true) => change({ nodeId: task.id, executionId: task.executionId, task, matches });

function folded(...items: WatchItem<Row>[]): Record<string, number> {
  const fold = new TaskFold<Row>();
  for (const item of items) fold.apply(item);
  return Object.fromEntries([...fold.tasks].map(([executionId, { v }]) => [executionId, v]));
}

describe('TaskFold', () => {
  it('holds what was listed, and lets go of it at the next list', () => {
    expect(folded(list(row('a', 1), row('b', 1)))).toEqual({ a: 1, b: 1 });
    expect(folded(list(row('a', 1), row('b', 1)), list(row('b', 2)))).toEqual({ b: 2 });
  });

  it('takes in what is new, takes over what changed, and lets go of what is removed or matches no longer', () => {
    expect(folded(list(row('a', 1), row('b', 1)), put(row('c', 1)), put(row('a', 2)), put(row('b', 2), false))).toEqual({ a: 2, c: 1 });
    expect(folded(list(row('a', 1)), change({ kind: 'REMOVED', nodeId: 'id-a', executionId: 'a' }))).toEqual({});
  });

  it('lets go of what is removed where the database kept no picture of it', () => {
    expect(folded(list(row('a', 1), row('b', 1)), change({ kind: 'REMOVED', nodeId: 'id-a', executionId: null }))).toEqual({ b: 1 });
  });

  it('is right when a list already holds what the changes behind it repeat, and when changes come twice', () => {
    const changes = [put(row('a', 1)), put(row('a', 2)), put(row('b', 1)), put(row('b', 2), false), put(row('a', 3))];
    expect(folded(list(row('a', 3)), ...changes, ...changes)).toEqual({ a: 3 });
    expect(folded(list(row('a', 2), row('b', 1)), ...changes.slice(1))).toEqual({ a: 3 });
  });

  it('knows an execution whose executionId was corrected by hand as the same', () => {
    const corrected = { ...row('a', 2), executionId: 'z' };
    expect(folded(list(row('a', 1)), put(corrected))).toEqual({ z: 2 });
    expect(folded(list(row('a', 1)), put(corrected), change({ kind: 'REMOVED', nodeId: 'id-a' }))).toEqual({});
    const taken = { ...row('b', 1), executionId: 'a' };
    expect(folded(list(row('a', 1)), put(taken), change({ kind: 'REMOVED', nodeId: 'id-a' }))).toEqual({ a: 1 });
  });

  it('does nothing at a gap', () => {
    expect(folded(list(row('a', 1)), { type: 'gap', cause: 'RESYNC_REQUIRED', cursor: 'c' })).toEqual({ a: 1 });
  });
});
