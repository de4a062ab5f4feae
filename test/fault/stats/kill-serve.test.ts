import { once } from 'node:events';

import { expect, it } from 'vitest';

import { createTaskTrackerModel } from '../../../src/model/task-tracker.js';
import { createAggregateStatistics } from '../../../src/stats/aggregate.js';
import { CHECKPOINT_COLLECTION } from '../../../src/stats/checkpoint.js';
import { dataOf } from '../../support/clients.js';
import { commandLine, READY, type RunningCommand } from '../../support/command-line.js';
import { freshDatabase } from '../../support/database.js';
import { seedTasks, Writers } from '../../support/exact-statistics.js';
import { Random } from '../../support/random-tasks.js';

const KILLS = 3;
const PATIENT = { timeout: 20_000 };

const commands = commandLine();

async function serve(uri: string): Promise<{ command: RunningCommand; url: string }> {
  const settings = { PORT: '0', MONGODB_URI: uri, LOG_FORMAT: 'json', LOG_LEVEL: 'info', TASKTRACKER_CHECKPOINT_INTERVAL_MS: '1000' };
  const command = commands.tasktracker(['serve'], settings);
  const [, url = ''] = await command.printed(READY);
  await expect.poll(async () => ((await (await fetch(new URL('/health/ready', url))).json()) as { statistics: { state: unknown } }).statistics.state, PATIENT).toBe('READY');
  return { command, url };
}

it('figures go on from a checkpoint, exact, though the server was killed three times while eight writers went on', { timeout: 120_000 }, async () => {
  await using database = await freshDatabase();
  const ids = await seedTasks(database.connection, 500, new Random(51));
  await using writers = new Writers(database.connection, 52, 8, ids);
  const savedAt = async (): Promise<number> => {
    const manifest = await database.connection.collection(CHECKPOINT_COLLECTION).findOne({ complete: true });
    return (manifest?.['savedAt'] as Date | undefined)?.getTime() ?? 0;
  };
  let running = await serve(database.uri);
  for (let kills = 0; kills < KILLS; kills += 1) {
    const known = await savedAt();
    await expect.poll(savedAt, PATIENT).toBeGreaterThan(known);
    // What comes between a checkpoint and the death is known to the change stream alone.
    const written = writers.writes;
    await expect.poll(() => writers.writes, PATIENT).toBeGreaterThan(written + 20);
    running.command.child.kill('SIGKILL');
    await once(running.command.child, 'exit');
    running = await serve(database.uri);
    await running.command.complained(/"fromCheckpoint":true/);
  }
  await writers.stop();

  const names = ['a', 'b', 'c', 'list'];
  const counted = await createAggregateStatistics({ model: createTaskTrackerModel(database.connection) }).manyQueueCounts(names);
  const expected = counted.map(({ queueName, queued, processing, completed, failed, dlq, archived, total }) => ({
    name: queueName,
    stats: { queued, processing, completed, failed, dlq, archived, total, exact: true, source: 'STREAM' },
  }));
  const shown = async (): Promise<unknown> => {
    const query = '{ queues { name stats { queued processing completed failed dlq archived total exact source } } }';
    return (await dataOf<{ queues: unknown }>(running.url, query)).queues;
  };
  await expect.poll(shown, PATIENT).toEqual(expected);
});
