import { mongo } from 'mongoose';
import { describe, expect, inject, it } from 'vitest';

import { runningApp } from '../../support/app.js';
import { dataOf, webSocketClient } from '../../support/clients.js';
import { stored } from '../../support/feed.js';
import { foldTaskList, type FoldableChange } from '../../support/fold-task-list.js';
import { secantusServer } from '../../support/secantus-server.js';
import { tcpProxy } from '../../support/tcp-proxy.js';

interface Task {
  readonly executionId: string;
}

const LIST = 'subscription ($first: Int! = 5) { liveTasks(orderBy: { direction: ASC }, first: $first) { kind tasks { executionId } task { executionId } index } }';

/** A client that folds what it is sent. */
function watch(client: ReturnType<typeof webSocketClient>, first: number): { ids(): readonly string[]; kinds: string[] } {
  let list: readonly Task[] = [];
  const kinds: string[] = [];
  client.subscribe<{ liveTasks: FoldableChange<Task> }>(
    { query: LIST, variables: { first } },
    {
      next: ({ data, errors }) => {
        if (!data) throw new Error(JSON.stringify(errors));
        kinds.push(data.liveTasks.kind);
        list = foldTaskList(list, data.liveTasks);
      },
      error: (error) => kinds.push(`error: ${String(error)}`),
      complete: () => kinds.push('complete'),
    },
  );
  return { ids: () => list.map(({ executionId }) => executionId), kinds };
}

const patience = { timeout: 30_000 };

const numbered = (n: number) => stored(`e${n}`, { enqueuedAt: new Date(n) });

describe.skipIf(!inject('embedded'))('a live list while the database is away', () => {
  it('waits, and is right when it is back, whatever was written meanwhile; who joined meanwhile is then sent it', async () => {
    await using database = await secantusServer();
    await using proxy = await tcpProxy(database.port);
    const direct = await new mongo.MongoClient(database.uri('lists')).connect();
    const collection = direct.db().collection('task_trackers');
    await using running = await runningApp({ mongodbUri: `mongodb://127.0.0.1:${proxy.port}/lists?directConnection=true&journal=true` });
    const { app, url } = running;
    await collection.insertMany(Array.from({ length: 60 }, (_, n) => numbered(n)));
    const client = webSocketClient(url);
    const early = watch(client, 5);
    await expect.poll(() => early.ids(), patience).toEqual(['e0', 'e1', 'e2', 'e3', 'e4']);

    proxy.cut();
    await expect.poll(() => app.feed.status().state, patience).toBe('RECONNECTING');
    // More rows leave than are kept behind the list.
    await collection.deleteMany({ enqueuedAt: { $lt: new Date(40) } });
    await collection.insertOne(numbered(7));
    const [late, same] = [watch(client, 4), watch(client, 5)];
    // The list as it was when the database went is what is known.
    await expect.poll(() => [same.kinds, same.ids()], patience).toEqual([['SNAPSHOT'], early.ids()]);
    expect(late.kinds).toEqual([]);
    proxy.restore();

    const expected = ['e7', 'e40', 'e41', 'e42', 'e43'];
    await expect.poll(() => [early.ids(), same.ids(), late.ids()], patience).toEqual([expected, expected, expected.slice(0, 4)]);
    await collection.deleteOne({ executionId: 'e41' });
    const after = ['e7', 'e40', 'e42', 'e43', 'e44'];
    await expect.poll(() => [early.ids(), same.ids(), late.ids()], patience).toEqual([after, after, after.slice(0, 4)]);
    const { tasks } = await dataOf<{ tasks: { nodes: Task[] } }>(url, '{ tasks(orderBy: { direction: ASC }, first: 5) { nodes { executionId } } }');
    expect(tasks.nodes.map(({ executionId }) => executionId)).toEqual(after);
    // Nothing was missed, so nothing had to begin anew.
    expect(early.kinds.filter((kind) => kind === 'SNAPSHOT')).toHaveLength(1);
    await client.dispose();
    await direct.close();
  });
});
