import { once } from 'node:events';

import { mongo } from 'mongoose';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { browserThere, launchBrowser, openPage, untilLive } from '../support/browser.js';
import { commandLine, READY, type RunningCommand } from '../support/command-line.js';
import { stored } from '../support/feed.js';

const STATUSES = ['queued', 'processing', 'failed', 'dlq'] as const;
const COUNT = 40;

const commands = commandLine();

async function serve(uri: string, port = '0'): Promise<{ command: RunningCommand; url: string }> {
  const command = commands.tasktracker(['serve'], { MONGODB_URI: uri, PORT: port });
  const [, url = ''] = await command.printed(READY);
  return { command, url };
}

function failures(page: Page): Promise<string[]> {
  return page.getByRole('table', { name: 'Tasks' }).locator('[data-row-focus]').allInnerTexts();
}

function counts(page: Page): Promise<string[]> {
  const row = page.locator('tbody tr', { has: page.getByRole('link', { name: 'jobs', exact: true }) });
  return Promise.all(STATUSES.map((status) => row.locator(`[data-column="${status}"]`).innerText()));
}

describe.runIf(browserThere)('pages of a server that is killed', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  test('show what the database holds once it runs again, with nothing missed of what was written meanwhile', { timeout: 90_000 }, async () => {
    const uri = commands.ownDatabase();
    const client = await new mongo.MongoClient(uri).connect();
    try {
      const tasks = client.db().collection('task_trackers');
      const at = Date.now() - 60_000;
      const enqueuedAt = (index: number): Date => new Date(at + index * 1_000);
      await tasks.insertMany(Array.from({ length: COUNT }, (_, index) => stored(`k${index}`, { queueName: 'jobs', status: STATUSES[index % 4], enqueuedAt: enqueuedAt(index) })));
      const first = await serve(uri);
      const home = new URL('.', first.url).href;
      await using overview = await openPage(browser, home);
      await using list = await openPage(browser, `${home}tasks?status=FAILED,DLQ`);
      await untilLive(overview.page);
      await untilLive(list.page);
      await expect.poll(() => failures(list.page)).toHaveLength(COUNT / 2);

      first.command.child.kill('SIGKILL');
      await once(first.command.child, 'exit');
      await overview.page.getByText('What is shown is from before').waitFor();
      for (let index = 0; index < COUNT; index += 5) await tasks.deleteOne({ executionId: `k${index}` });
      for (let index = 1; index < COUNT; index += 3) await tasks.updateOne({ executionId: `k${index}` }, { $set: { status: 'failed', failedAt: new Date() } });
      for (let index = 2; index < COUNT; index += 4) await tasks.updateOne({ executionId: `k${index}` }, { $set: { status: 'completed', completedAt: new Date() } });
      await tasks.insertMany([1, 2, 3].map((index) => stored(`new${index}`, { queueName: 'jobs', status: 'dlq', enqueuedAt: enqueuedAt(COUNT + index) })));
      await serve(uri, new URL(first.url).port);
      await untilLive(overview.page);
      await untilLive(list.page);
      await tasks.updateOne({ executionId: 'k3' }, { $set: { status: 'queued' } });

      const there = await tasks.find({ status: { $in: ['failed', 'dlq'] } }).sort({ enqueuedAt: -1 }).toArray();
      await expect.poll(() => failures(list.page)).toEqual(there.map(({ taskId }) => taskId as string));
      const expected = await Promise.all(STATUSES.map(async (status) => String(await tasks.countDocuments({ status }))));
      await expect.poll(() => counts(overview.page)).toEqual(expected);
      expect([...overview.external, ...list.external]).toEqual([]);
    } finally {
      await client.close();
    }
  });
});
