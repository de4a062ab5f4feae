import { describe, expect, it } from 'vitest';

import { backoffMs } from '../../../dashboard/src/api/backoff.js';
import { fromCombined, fromFailure, isPassing } from '../../../dashboard/src/api/errors.js';
import { endpointOf } from '../../../dashboard/src/api/endpoint.js';
import { EMPTY_LIST, foldTaskList, type TaskList, type TaskListChange } from '../../../dashboard/src/api/task-list.js';
import { matchShortcut, type Pressed } from '../../../dashboard/src/layout/shortcut-keys.js';

describe('the list that liveTasks amounts to', () => {
  const change = (kind: TaskListChange<string>['kind'], index: number | null = null, task: string | null = null, tasks: string[] = []): TaskListChange<string> => ({ kind, index, task, tasks });
  const fold = (...changes: TaskListChange<string>[]): TaskList<string> => changes.reduce<TaskList<string>>(foldTaskList, EMPTY_LIST);
  const snapshot = change('SNAPSHOT', null, null, ['a', 'b', 'c']);

  it('begins with a snapshot and takes each change by its place', () => {
    expect(fold(snapshot, change('LEAVE', 2), change('ENTER', 0, 'n'), change('UPDATE', 1, 'A')).tasks).toEqual(['n', 'A', 'b']);
  });

  it('is replaced by a snapshot that comes later', () => {
    expect(fold(snapshot, change('SNAPSHOT', null, null, ['z']))).toEqual({ tasks: ['z'], known: true });
  });

  it('stays the same object where nothing changes', () => {
    const list = fold(snapshot);
    expect(foldTaskList(list, change('BOOKMARK'))).toBe(list);
    expect(EMPTY_LIST.known).toBe(false);
  });
});

describe('where the API is', () => {
  it('is beside the page, under whatever path and scheme', () => {
    expect(endpointOf('http://127.0.0.1:4000/')).toEqual({
      basePath: '',
      graphql: 'http://127.0.0.1:4000/graphql',
      webSocket: 'ws://127.0.0.1:4000/graphql',
      graphiql: 'http://127.0.0.1:4000/graphiql',
      export: 'http://127.0.0.1:4000/export',
    });
    expect(endpointOf('https://ops.example/tools/tasks/')).toEqual({
      basePath: '/tools/tasks',
      graphql: 'https://ops.example/tools/tasks/graphql',
      webSocket: 'wss://ops.example/tools/tasks/graphql',
      graphiql: 'https://ops.example/tools/tasks/graphiql',
      export: 'https://ops.example/tools/tasks/export',
    });
  });
});

describe('trouble with the API', () => {
  it('is tried again only where that can help', () => {
    for (const code of ['RESYNC_REQUIRED', 'SLOW_CONSUMER', 'UNAVAILABLE']) expect(isPassing(fromFailure({ message: '', extensions: { code } }))).toBe(true);
    expect(isPassing(fromFailure({ message: 'no code' }))).toBe(true);
    for (const code of ['INVALID_INPUT', 'GRAPHQL_VALIDATION_FAILED', 'FORBIDDEN']) expect(isPassing(fromFailure({ message: '', extensions: { code } }))).toBe(false);
  });

  it('is told apart: what the API said, and no answer at all', () => {
    expect(fromCombined(undefined)).toBeNull();
    expect(fromCombined({ message: '', networkError: new Error('fetch failed') })).toEqual({ message: 'The server did not answer.', code: 'NETWORK' });
    expect(fromCombined({ message: '', graphQLErrors: [{ message: 'too deep', extensions: { code: 'QUERY_TOO_DEEP' } }] })).toEqual({ message: 'too deep', code: 'QUERY_TOO_DEEP' });
  });

  it('makes the next try wait longer, up to 10 s', () => {
    expect([1, 2, 3, 6, 7, 50].map((failures) => backoffMs(failures, () => 1))).toEqual([250, 500, 1_000, 8_000, 10_000, 10_000]);
    expect(backoffMs(1, () => 0)).toBe(125);
  });
});

describe('shortcuts', () => {
  const all = [{ keys: 'g o' }, { keys: 'g t' }, { keys: '/' }];
  const press = (...keys: [key: string, at: number][]): string | undefined => {
    let pressed: Pressed = { keys: [], at: 0 };
    let last: string | undefined;
    for (const [key, at] of keys) {
      const next = matchShortcut(all, pressed, key, at);
      pressed = next.pressed;
      last = next.matched?.keys;
    }
    return last;
  };

  it('are one key, or keys one after another', () => {
    expect(press(['/', 0])).toBe('/');
    expect(press(['g', 0])).toBeUndefined();
    expect(press(['g', 0], ['o', 300])).toBe('g o');
  });

  it('begin anew after a wrong key or too long a pause', () => {
    expect(press(['g', 0], ['x', 100], ['o', 200])).toBeUndefined();
    expect(press(['g', 0], ['g', 100], ['t', 200])).toBe('g t');
    expect(press(['g', 0], ['o', 5_000])).toBeUndefined();
    expect(press(['g', 0], ['/', 100])).toBe('/');
  });
});
