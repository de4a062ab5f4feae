import { randomBytes } from 'node:crypto';

import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';

import { createTaskTracker, type TaskTrackerApp } from '../../src/app.js';
import { type RunningApp, runningApp } from '../support/app.js';
import { browserThere, launchBrowser, openPage, untilLive } from '../support/browser.js';
import { freshDatabase, uriOf } from '../support/database.js';
import { stored } from '../support/feed.js';

function names(page: Page): Promise<string[]> {
  return page.getByRole('table', { name: 'Tasks' }).locator('[data-row-focus]').allInnerTexts();
}

function row(page: Page, taskId: string) {
  return page.getByRole('row').filter({ has: page.getByRole('button', { name: taskId, exact: true }) });
}

function name(page: Page, taskId: string) {
  return page.getByRole('button', { name: taskId, exact: true });
}

const at = (agoMs: number): Date => new Date(Date.now() - agoMs);
const MINUTE = 60_000;

function failed(executionId: string, fields: Record<string, unknown> = {}): Record<string, unknown> {
  return stored(executionId, {
    status: 'failed',
    enqueuedAt: at(5 * MINUTE),
    processingStartedAt: at(4 * MINUTE),
    failedAt: at(3 * MINUTE),
    errorMessage: 'no route to host',
    errorCategory: 'transient',
    errorStack: 'Error: no route to host\n    at connect (/app/net.js:1:1)',
    ...fields,
  });
}

describe.runIf(browserThere)('the tasks', () => {
  let browser: Browser;
  let running: RunningApp;
  let home: string;

  beforeAll(async () => {
    browser = await launchBrowser();
    running = await runningApp();
    home = new URL('.', running.url).href;
  });

  afterEach(() => running.app.model.collection.deleteMany({}));

  afterAll(async () => {
    await browser.close();
    await running[Symbol.asyncDispose]();
  });

  test('a filter is the address: it holds after a reload, and goes when its conditions are taken away', async () => {
    await running.app.model.collection.insertMany([
      stored('a', { queueName: 'jobs', metadata: { aircraft: { id: 'N1' }, size: 3 } }),
      stored('b', { queueName: 'jobs', metadata: { aircraft: { id: 'N2' }, size: 3 } }),
      failed('c', { queueName: 'mail', metadata: { aircraft: { id: 'N1' }, size: 3 } }),
    ]);
    await using watched = await openPage(browser, `${home}tasks`);
    const { page } = watched;
    await name(page, 'jobs:c').waitFor();

    await page.getByRole('button', { name: 'Queued', exact: true }).click();
    await name(page, 'jobs:c').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'More filters' }).click();
    await page.getByLabel('Metadata path').fill('aircraft.id');
    await page.getByLabel('Value').fill('N1');
    await page.getByRole('button', { name: 'Add' }).click();
    await name(page, 'jobs:b').waitFor({ state: 'detached' });
    await page.getByLabel('Enqueued after').fill('2h');
    await page.getByLabel('Enqueued after').press('Enter');
    const conditions = ['Status Queued', 'metadata aircraft.id is "N1"', 'Enqueued after 2 h ago'];
    for (const condition of conditions) await page.getByRole('button', { name: `Remove: ${condition}` }).waitFor();
    expect(new URL(page.url()).search).toBe('?status=QUEUED&enqueuedAfter=-2h&meta.aircraft.id=N1');

    await page.reload();
    await name(page, 'jobs:a').waitFor();
    expect(await names(page)).toEqual(['jobs:a']);
    for (const condition of conditions) await page.getByRole('button', { name: `Remove: ${condition}` }).waitFor();

    await page.getByRole('button', { name: 'Remove: metadata aircraft.id is "N1"' }).click();
    await name(page, 'jobs:b').waitFor();
    await page.goBack();
    await name(page, 'jobs:b').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Clear all' }).click();
    await name(page, 'jobs:c').waitFor();
    expect(watched.errors).toEqual([]);
  });

  test('a retry from the drawer puts the next attempt on the screen, and it is followed as it runs', async () => {
    await running.app.model.collection.insertOne(failed('first', { taskId: 'jobs:retried' }));
    await using watched = await openPage(browser, `${home}tasks`);
    const { page } = watched;
    await name(page, 'jobs:retried').click();
    const drawer = page.getByRole('dialog').filter({ hasText: 'Attempts' });
    await drawer.getByText('at connect (/app/net.js:1:1)').waitFor();
    expect(new URL(page.url()).searchParams.get('task')).toBe('first');

    await drawer.getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('dialog', { name: 'Retry?' }).getByRole('button', { name: 'Retry' }).click();
    const next = drawer.locator('ol > li').nth(1);
    await next.getByText('Queued').waitFor();
    const { executionId } = (await running.app.model.collection.findOne({ taskId: 'jobs:retried', retryCount: 1 })) as unknown as { executionId: string };
    expect(await next.getAttribute('data-execution')).toBe(executionId);

    await next.getByRole('button').click();
    await running.app.model.collection.updateOne({ executionId }, { $set: { status: 'processing', processingStartedAt: new Date() } });
    await next.getByText('Processing').waitFor();
    await drawer.getByRole('heading', { name: 'What changed' }).waitFor();
    await drawer.getByRole('row', { name: /^retryCount 0 1$/ }).waitFor();
    expect(new URL(page.url()).searchParams.get('task')).toBe(executionId);

    // The same attempt cannot be retried again while another is under way: the API says so, in the dialog.
    await drawer.locator('ol > li').nth(0).getByRole('button').click();
    await drawer.getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('dialog', { name: 'Retry?' }).getByRole('button', { name: 'Retry' }).click();
    await page.getByText('CONFLICT').waitFor();
    expect(watched.errors).toEqual([]);
  });

  test('an execution has a page of its own, and one that is not there yet appears on it', async () => {
    await using watched = await openPage(browser, `${home}tasks/${encodeURIComponent('not/yet there')}`);
    const { page } = watched;
    await page.getByText('There is no such execution').waitFor();
    await running.app.model.collection.insertOne(stored('not/yet there', { taskId: 'jobs:appeared' }));
    await page.getByRole('heading', { name: 'jobs:appeared' }).waitFor();
    expect(watched.errors).toEqual([]);
  });

  test('a selection is archived with progress; what is refused is named, and the list follows', async () => {
    const dead = Array.from({ length: 30 }, (_, index) => failed(`d${String(index).padStart(2, '0')}`, { status: 'dlq', enqueuedAt: at(MINUTE + index) }));
    await running.app.model.collection.insertMany(dead);
    await using watched = await openPage(browser, `${home}tasks?status=DLQ`);
    const { page } = watched;
    await name(page, 'jobs:d00').waitFor();
    await page.getByLabel('Select jobs:d00').check();
    await page.getByLabel('Select jobs:d09').click({ modifiers: ['Shift'] });
    await expect.poll(() => page.getByRole('region', { name: 'Selection' }).innerText()).toContain('10 selected');

    await page.getByRole('button', { name: 'Archive', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Archive 10 executions?' });
    await dialog.getByText('jobs:d00').waitFor();
    expect(await dialog.getByRole('button', { name: 'Archive', exact: true }).isDisabled()).toBe(true);
    await dialog.getByLabel('Reason').fill('known outage');
    // Somebody else is faster with one of them.
    await running.app.model.collection.updateOne({ executionId: 'd03' }, { $set: { status: 'archived' } });
    await name(page, 'jobs:d03').waitFor({ state: 'detached' });
    await dialog.getByRole('button', { name: 'Archive', exact: true }).click();
    await dialog.getByText('Archived 9 executions, 1 refused.').waitFor();
    expect(await dialog.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('100');
    expect(await dialog.getByRole('list', { name: 'Refused' }).innerText()).toContain('jobs:d03');
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await name(page, 'jobs:d00').waitFor({ state: 'detached' });
    expect(await row(page, 'jobs:d10').count()).toBe(1);
    expect(await running.app.model.collection.countDocuments({ status: 'archived', archivedReason: 'known outage' })).toBe(9);
    expect(watched.errors).toEqual([]);
  });

  test('a list longer than its live start goes on in pages that are live too, row by row with the keys', async () => {
    const total = 1_200;
    await running.app.model.collection.insertMany(Array.from({ length: total }, (_, index) => stored(`n${index}`, { enqueuedAt: at(MINUTE + index * 1_000) })));
    await using watched = await openPage(browser, `${home}tasks`);
    const { page } = watched;
    await name(page, 'jobs:n0').waitFor();
    await page.getByRole('button', { name: 'Count all' }).click();
    await page.getByText('1,200 tasks').waitFor();

    await page.keyboard.press('j');
    await page.keyboard.press('ArrowDown');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('jobs:n1');
    // Each End goes to the last row that is loaded, which brings the next page.
    await expect
      .poll(async () => {
        await page.keyboard.press('End');
        return page.evaluate(() => document.activeElement?.textContent);
      }, { timeout: 30_000, interval: 100 })
      .toBe(`jobs:n${total - 1}`);
    await page.getByText('This is the end of the list.').waitFor();
    const last = row(page, `jobs:n${total - 1}`);
    await running.app.model.collection.updateOne({ executionId: `n${total - 1}` }, { $set: { status: 'processing', processingStartedAt: new Date() } });
    await last.getByText('Processing').waitFor();

    // What comes in at the top does not move what somebody reads.
    const before = await last.boundingBox();
    await running.app.model.collection.insertMany(Array.from({ length: 20 }, (_, index) => stored(`new${index}`)));
    await page.getByText('1,220 tasks').waitFor();
    const after = await last.boundingBox();
    expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThan(2);
    expect(await page.getByRole('table', { name: 'Tasks' }).getByRole('row').count()).toBeLessThan(80);

    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(watched.errors).toEqual([]);
  });

  test('columns can be chosen, values of metadata among them, and are remembered', async () => {
    await running.app.model.collection.insertOne(stored('a', { metadata: { aircraft: { id: 'N1' } } }));
    await using watched = await openPage(browser, `${home}tasks`);
    const { page } = watched;
    await name(page, 'jobs:a').waitFor();
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('checkbox', { name: 'Waited' }).uncheck();
    await page.getByLabel('Path of a metadata column').fill('aircraft.id');
    await page.getByLabel('Path of a metadata column').press('Enter');
    await page.getByRole('columnheader', { name: 'aircraft.id' }).waitFor();
    await page.reload();
    await page.getByRole('columnheader', { name: 'aircraft.id' }).waitFor();
    expect(await row(page, 'jobs:a').locator('[data-column="metadata.aircraft.id"]').innerText()).toBe('N1');
    expect(await page.getByRole('columnheader', { name: 'Waited' }).count()).toBe(0);
    expect(watched.errors).toEqual([]);
  });

  test('after the server was away, the whole list that was scrolled through is what the database holds', async () => {
    const databaseName = `tt_${randomBytes(8).toString('hex')}`;
    await using database = await freshDatabase();
    const tasks = database.connection.useDb(databaseName).collection('task_trackers');
    const start = async (port: number): Promise<{ app: TaskTrackerApp; url: string }> => {
      const app = await createTaskTracker({ mongodbUri: uriOf(databaseName), cacheDir: inject('cacheDir'), port });
      return { app, url: await app.start() };
    };
    const first = await start(0);
    let second: TaskTrackerApp | null = null;
    try {
      const base = Date.now() - MINUTE;
      await tasks.insertMany(Array.from({ length: 260 }, (_, index) => stored(`s${index}`, { enqueuedAt: new Date(base - index * 1_000) })));
      await using watched = await openPage(browser, new URL('tasks', first.url).href);
      const { page } = watched;
      await untilLive(page);
      await name(page, 'jobs:s0').waitFor();
      await page.keyboard.press('j');
      await expect
        .poll(async () => {
          await page.keyboard.press('End');
          return page.evaluate(() => document.activeElement?.textContent);
        }, { timeout: 20_000, interval: 100 })
        .toBe('jobs:s259');

      await first.app.close();
      await page.getByText(/^Reconnecting since/).waitFor();
      await tasks.deleteOne({ executionId: 's259' });
      await tasks.updateOne({ executionId: 's258' }, { $set: { status: 'completed', completedAt: new Date() } });
      await tasks.insertMany([stored('old', { enqueuedAt: new Date(base - 255_500) }), stored('fresh')]);
      second = (await start(Number(new URL(first.url).port))).app;

      await untilLive(page);
      await row(page, 'jobs:s258').getByText('Completed').waitFor();
      await name(page, 'jobs:old').waitFor();
      await name(page, 'jobs:s259').waitFor({ state: 'detached' });
      await page.getByText('261 tasks').waitFor();
      expect((await names(page)).slice(-5)).toEqual(['jobs:s255', 'jobs:old', 'jobs:s256', 'jobs:s257', 'jobs:s258']);
    } finally {
      await first.app.close();
      await second?.close();
      await database.connection.useDb(databaseName).dropDatabase();
    }
  });
});
