import { describe, expect, it } from 'vitest';

import { toCommandError, type WatchCommandError } from '../../../src/cli/watch/failure.js';
import { textReporter } from '../../../src/cli/watch/reporter.js';
import { ServerUnreachableError, WatchRefusedError, type WatchState } from '../../../src/client/index.js';

describe('what a watch in lines says of itself', () => {
  it('tells of a lost connection and of a feed that is behind, and when all is well again; else nothing', () => {
    const said: string[] = [];
    const reporter = textReporter(
      () => {
        throw new Error('stdout has only changes');
      },
      (text) => said.push(text),
    );
    const states: [WatchState, string | null][] = [
      ['connecting', null], ['live', null], ['reconnecting', 'gone\nfor good'], ['live', null], ['live', null], ['stalled', "the server's feed is RECONNECTING"], ['live', null], ['ended', null],
    ];
    for (const [state, reason] of states) reporter.status({ state, reason, since: new Date(), failures: 0 });
    expect(said).toEqual([
      'tasktracker: connection lost (gone\ufffdfor good): trying again\n',
      'tasktracker: live again, nothing was missed\n',
      "tasktracker: waiting: the server's feed is RECONNECTING\n",
      'tasktracker: live again, nothing was missed\n',
    ]);
    said.length = 0;
    reporter.status({ state: 'reconnecting', reason: null, since: new Date(), failures: 1 });
    reporter.gap({ type: 'gap', cause: 'RESYNC_REQUIRED', cursor: 'c' });
    reporter.status({ state: 'live', reason: null, since: new Date(), failures: 0 });
    expect(said.slice(1)).toEqual(['tasktracker: changes may have been missed (RESYNC_REQUIRED): going on from now\n', 'tasktracker: live again\n']);
  });
});

describe('what a user is told of an error', () => {
  const told = (error: unknown) => {
    const made = toCommandError(error, 'http://h/graphql') as WatchCommandError;
    return `${made.message} | ${made.remedy}`;
  };

  it('says what to do about each', () => {
    expect(told(new WatchRefusedError('after: no', 'INVALID_INPUT', { field: ['after'] }))).toMatch(/refuses the cursor: after: no \| Pass --since/);
    expect(told(new WatchRefusedError('too many', 'INVALID_INPUT', { field: ['filter', 'queueName'] }))).toMatch(/refuses to be watched like this: too many \| Change --queue/);
    expect(told(new WatchRefusedError('Cannot query', 'GRAPHQL_VALIDATION_FAILED'))).toMatch(/does not answer as a TaskTracker of this version: Cannot query \| Let --url/);
    expect(told(new WatchRefusedError('no', 'UNAUTHORIZED'))).toMatch(/refuses this caller: no/);
    expect(told(new ServerUnreachableError('m', { cause: new Error('connect ECONNREFUSED') }))).toMatch(/No TaskTracker answers at http:\/\/h\/graphql: connect ECONNREFUSED \| Start one/);
    expect(told(new ServerUnreachableError('m', { cause: new Error('Unexpected server response: 426') }))).toMatch(/answers, but not as a TaskTracker does/);
  });

  it('leaves a fault of ours as it is', () => {
    const fault = new RangeError('a bug');
    expect(toCommandError(fault, 'http://h')).toBe(fault);
  });
});
