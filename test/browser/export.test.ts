import { readFile } from 'node:fs/promises';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { runningApp } from '../support/app.js';
import { browserThere, launchBrowser, openPage, proxyUnder, untilLive } from '../support/browser.js';
import { stored } from '../support/feed.js';

const COUNT = 230;

async function saved(page: Page, format: string): Promise<string> {
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: `${format} of the whole list` }).click()]);
  expect(download.suggestedFilename()).toMatch(new RegExp(`^tasks-.*\\.${format.toLowerCase()}$`));
  return readFile(await download.path(), 'utf8');
}

describe.runIf(browserThere)('the export of a list', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  test('is a file of all that the filter finds, not only of what is loaded, under any path', async () => {
    await using running = await runningApp();
    await running.app.model.collection.insertMany(Array.from({ length: COUNT }, (_, index) => stored(`x${index}`, { status: index % 2 === 0 ? 'failed' : 'queued', queueName: 'jobs' })));
    const proxy = await proxyUnder('/ops', new URL('.', running.url).href);
    try {
      await using watched = await openPage(browser, `${proxy.url}tasks?status=FAILED`, { acceptDownloads: true });
      await untilLive(watched.page);
      const lines = (await saved(watched.page, 'NDJSON')).trimEnd().split('\n');
      const ids = lines.map((line) => (JSON.parse(line) as { executionId: string }).executionId);
      expect(new Set(ids).size).toBe(COUNT / 2);
      const csv = (await saved(watched.page, 'CSV')).trimEnd().split('\r\n');
      expect(csv).toHaveLength(COUNT / 2 + 1);
      expect(csv[0]).toContain('taskId,executionId,queueName,status');
      expect(watched.errors).toEqual([]);
    } finally {
      await proxy.close();
    }
  });

  test('is refused in words where the list is longer than an export may be', async () => {
    await using running = await runningApp({ maxExportRows: 10 });
    await running.app.model.collection.insertMany(Array.from({ length: 11 }, (_, index) => stored(`y${index}`)));
    await using watched = await openPage(browser, new URL('tasks', running.url).href);
    await untilLive(watched.page);
    await watched.page.getByRole('button', { name: 'Export', exact: true }).click();
    await watched.page.getByRole('menuitem', { name: 'CSV of the whole list' }).click();
    const notice = watched.page.getByRole('alert');
    await notice.waitFor();
    expect(await notice.innerText()).toContain('it finds 11 executions, and an export has at most 10');
  });
});
