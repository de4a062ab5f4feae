import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type RunningApp, runningApp } from '../support/app.js';
import { violations } from '../support/axe.js';
import { browserThere, launchBrowser, openPage, untilLive } from '../support/browser.js';
import { stored } from '../support/feed.js';

const THEMES = ['light', 'dark'] as const;

describe.runIf(browserThere)('tasks and their drawer, for everybody', () => {
  let browser: Browser;
  let running: RunningApp;
  let home: string;

  beforeAll(async () => {
    browser = await launchBrowser();
    running = await runningApp();
    home = new URL('.', running.url).href;
    const at = (agoMs: number): Date => new Date(Date.now() - agoMs);
    const attempt = (executionId: string, fields: Record<string, unknown>) =>
      stored(executionId, {
        taskId: `jobs:${'a_name_that_is_longer_than_any_column_'.repeat(5)}`,
        enqueuedAt: at(100_000),
        processingStartedAt: at(90_000),
        failedAt: at(80_000),
        errorMessage: 'field "id" is missing',
        errorCategory: 'validation',
        errorStack: `Error: field "id" is missing\n    at ${'very_long_name/'.repeat(30)}file.js:1:1`,
        metadata: { aircraft: { id: 'N1', seats: [1, 2, { row: null }] }, open: true },
        ...fields,
      });
    await running.app.model.collection.insertMany([
      attempt('one', { status: 'failed', createdAt: at(100_000) }),
      attempt('two', { status: 'dlq', retryCount: 1, createdAt: at(50_000), metadata: { aircraft: {}, open: false } }),
      attempt('three', { status: 'archived', taskId: 'jobs:other', archivedReason: 'known' }),
      stored('waits', { taskId: 'jobs:waits' }),
      stored('odd', { taskId: 'jobs:odd', status: 'lost', enqueuedAt: 'yesterday' }),
    ]);
  });

  afterAll(async () => {
    await browser.close();
    await running[Symbol.asyncDispose]();
  });

  test.each(THEMES)('the list with its filters and a selection has nothing against WCAG 2.1 AA, %s', async (colorScheme) => {
    await using watched = await openPage(browser, `${home}tasks?status=FAILED,DLQ,ARCHIVED&meta.open=exists:true&status=NONSENSE`, { colorScheme });
    const { page } = watched;
    await untilLive(page);
    await page.getByRole('button', { name: 'More filters' }).click();
    await page.getByLabel('Select jobs:other').check();
    await page.getByRole('region', { name: 'Selection' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('checkbox', { name: 'Execution' }).waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test.each(THEMES)('an empty list says so, and has nothing against WCAG 2.1 AA, %s', async (colorScheme) => {
    await using watched = await openPage(browser, `${home}tasks?taskId=none`, { colorScheme });
    await watched.page.getByText('No task meets these conditions').waitFor();
    expect(await violations(watched.page)).toEqual([]);
  });

  test.each(THEMES)('the drawer and what it asks have nothing against WCAG 2.1 AA, %s', async (colorScheme) => {
    await using watched = await openPage(browser, `${home}tasks?task=two`, { colorScheme });
    const { page } = watched;
    await page.getByRole('heading', { name: 'What changed' }).waitFor();
    await page.getByRole('row', { name: /^retryCount/ }).waitFor();
    expect(await violations(page, { dialog: true })).toEqual([]);
    await page.getByRole('button', { name: 'Archive', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Archive?' });
    await dialog.getByLabel('Reason').fill('known');
    expect(await violations(page, { dialog: true })).toEqual([]);
  });

  test.each(THEMES)('the page of an execution, of an odd one too, has nothing against WCAG 2.1 AA, %s', async (colorScheme) => {
    for (const [executionId, shown] of [
      ['one', 'What changed'],
      ['odd', 'Fields'],
    ] as const) {
      await using watched = await openPage(browser, `${home}tasks/${executionId}`, { colorScheme });
      await watched.page.getByRole('heading', { name: shown }).waitFor();
      await untilLive(watched.page);
      expect(await violations(watched.page)).toEqual([]);
    }
  });

  test.each(THEMES)('what is asked before many are retried has nothing against WCAG 2.1 AA, nor has what became of it, %s', async (colorScheme) => {
    await running.app.model.collection.insertMany(['x', 'y'].map((name) => stored(name + colorScheme, { taskId: 'jobs:waits', status: 'failed', failedAt: new Date() })));
    await using watched = await openPage(browser, `${home}tasks?taskId=jobs:waits&status=FAILED`, { colorScheme });
    const { page } = watched;
    await page.getByLabel('Select all rows that are loaded').check();
    await page.getByRole('button', { name: 'Retry' }).click();
    const dialog = page.getByRole('dialog', { name: /^Retry \d executions\?$/ });
    await dialog.getByText('A new execution of the task is queued.').waitFor();
    expect(await violations(page, { dialog: true })).toEqual([]);
    await dialog.getByRole('button', { name: 'Retry' }).click();
    // An execution of the task waits already.
    await dialog.getByText(/^Retried 0 executions, \d refused\.$/).waitFor();
    expect(await violations(page, { dialog: true })).toEqual([]);
  });

  test('nothing is wider than a screen of 360 pixels', async () => {
    for (const path of ['tasks', 'tasks?task=two', 'tasks/two', 'tasks?meta.open=true&enqueuedAfter=-2h']) {
      await using watched = await openPage(browser, home + path, { viewport: { width: 360, height: 780 } });
      const { page } = watched;
      await untilLive(page);
      if (path.includes('two')) await page.getByRole('heading', { name: 'What changed' }).waitFor();
      else await page.getByRole('button', { name: 'More filters' }).click();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    }
  });
});
