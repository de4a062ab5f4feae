import { expect, it } from 'vitest';

import { commandLine } from '../../support/command-line.js';
import { freshDatabase } from '../../support/database.js';
import { stored } from '../../support/feed.js';

const commands = commandLine();

it('tasktracker retention says what it would do, does it, and has nothing left to do', async () => {
  await using database = await freshDatabase();
  const { connection } = database;
  const old = new Date(Date.now() - 8 * 86_400_000);
  const past = { createdAt: old, updatedAt: old, enqueuedAt: old };
  await connection.collection('task_trackers').insertMany([stored('dead', { status: 'dlq', failedAt: old, ...past }), stored('done', { status: 'completed', completedAt: old, ...past })]);
  const settings = { MONGODB_URI: database.uri, TASKTRACKER_RETENTION_COMPLETED_DAYS: '3' };
  const run = (...flags: string[]) => commands.tasktracker(['retention', ...flags], settings).ended;

  expect(await run('--dry-run')).toMatchObject({
    code: 0,
    out: 'dead letters older than 7 days: 1 would be archived\narchived executions: kept for ever\ncompleted executions older than 3 days: 1 would be deleted\n',
  });
  const before = await connection.collection('task_trackers').find({}).toArray();
  expect(before.map(({ status }) => String(status)).sort()).toEqual(['completed', 'dlq']);

  expect(await run()).toMatchObject({ code: 0, out: 'dead letters archived: 1\narchived executions deleted: 0\ncompleted executions deleted: 1\n' });
  const [left, ...others] = await connection.collection('task_trackers').find({}).toArray();
  expect(others).toEqual([]);
  expect(left).toMatchObject({ executionId: 'dead', status: 'archived', archivedBy: 'system:retention' });

  const { code, out } = await run('--json');
  expect([code, (JSON.parse(out) as { counts: unknown }).counts]).toEqual([0, { deadLetters: 0, archived: 0, completed: 0 }]);
});
