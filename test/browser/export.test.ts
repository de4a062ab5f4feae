import { readFile } from 'node:fs/promises';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { runningApp } from '../support/app.js';
import { browserThere, launchBrowser, openPage, proxyUnder, untilLive, withoutFilePicker } from '../support/browser.js';
import { stored } from '../support/feed.js';

const COUNT = 230;

/** Somebody who chooses a file of the page's own file system, which a test can read; what is chosen is named on the page. */
const CHOOSES = `globalThis.showSaveFilePicker = async ({ suggestedName }) => {
  globalThis.chosen = suggestedName;
  return (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true });
}`;

/** What is in the file that was chosen; null where there is none any more. */
const chosenFile = (page: Page): Promise<string | null> =>
  page.evaluate(async () => {
    const folder = await navigator.storage.getDirectory();
    const file = await folder.getFileHandle((globalThis as unknown as { chosen: string }).chosen).catch(() => null);
    return file === null ? null : (await file.getFile()).text();
  });

async function exportAs(page: Page, format: string): Promise<void> {
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await page.getByRole('menuitem', { name: `${format} of the whole list` }).click();
}

async function saved(page: Page, format: string): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), exportAs(page, format)]);
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
      await using watched = await openPage(browser, `${proxy.url}tasks?status=FAILED`, { acceptDownloads: true, before: withoutFilePicker });
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

  test('is written to the file that was chosen as it comes, where the browser lets a page do that', async () => {
    await using running = await runningApp();
    await running.app.model.collection.insertMany(Array.from({ length: COUNT }, (_, index) => stored(`z${index}`)));
    await using watched = await openPage(browser, new URL('tasks', running.url).href, { before: (page) => page.addInitScript(CHOOSES) });
    const { page, errors } = watched;
    await untilLive(page);
    await exportAs(page, 'NDJSON');
    await expect.poll(() => page.getByRole('button', { name: 'Export', exact: true }).getAttribute('data-loading')).toBeNull();
    await expect.poll(async () => (await chosenFile(page))?.trimEnd().split('\n').length).toBe(COUNT);
    expect(errors).toEqual([]);
  });

  test('is nothing where the question for a file is answered with no', async () => {
    await using running = await runningApp();
    await running.app.model.collection.insertOne(stored('n1'));
    const refuses = `globalThis.showSaveFilePicker = () => Promise.reject(new DOMException('', 'AbortError'))`;
    await using watched = await openPage(browser, new URL('tasks', running.url).href, { before: (page) => page.addInitScript(refuses) });
    const { page, errors } = watched;
    await untilLive(page);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await exportAs(page, 'CSV');
    await page.getByRole('menuitem').first().waitFor({ state: 'hidden' });
    expect(asked.filter((url) => url.includes('/export'))).toEqual([]);
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(errors).toEqual([]);
  });

  test('is refused in words where the list is longer than an export may be', async () => {
    await using running = await runningApp({ maxExportRows: 10 });
    await running.app.model.collection.insertMany(Array.from({ length: 11 }, (_, index) => stored(`y${index}`)));
    await using watched = await openPage(browser, new URL('tasks', running.url).href, { before: (page) => page.addInitScript(CHOOSES) });
    await untilLive(watched.page);
    await exportAs(watched.page, 'CSV');
    const notice = watched.page.getByRole('alert');
    await notice.waitFor();
    expect(await notice.innerText()).toContain('it finds 11 executions, and an export has at most 10');
    expect(await chosenFile(watched.page)).toBeNull();
  });
});
