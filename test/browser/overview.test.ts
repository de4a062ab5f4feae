import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { type RunningApp, runningApp } from '../support/app.js';
import { browserThere, launchBrowser, openPage, untilLive } from '../support/browser.js';
import { stored } from '../support/feed.js';

async function names(page: Page): Promise<string[]> {
  return page.locator('tbody th[scope="row"]').allInnerTexts();
}

function cell(page: Page, queueName: string, column: string) {
  return page.locator('tbody tr', { has: page.getByRole('link', { name: queueName, exact: true }) }).locator(`[data-column="${column}"]`);
}

/** Two queues, one of them with two tasks. */
function letters(): Record<string, unknown>[] {
  return [stored('a1', { queueName: 'alpha' }), stored('b1', { queueName: 'beta' }), stored('b2', { queueName: 'beta' })];
}

describe.runIf(browserThere)('the overview', () => {
  let browser: Browser;
  let running: RunningApp;
  let home: string;

  beforeAll(async () => {
    browser = await launchBrowser();
    running = await runningApp();
    home = new URL('.', running.url).href;
  });

  afterAll(async () => {
    await browser.close();
    await running[Symbol.asyncDispose]();
  });

  // By the driver, as a worker of any kind would.
  const tasks = () => running.app.model.collection;
  const insertMany = (documents: Record<string, unknown>[]) => tasks().insertMany(documents);
  const insertOne = (document: Record<string, unknown>) => tasks().insertOne(document);
  const updateOne = (executionId: string, fields: Record<string, unknown>) => tasks().updateOne({ executionId }, { $set: fields });
  const deleteMany = (filter: Record<string, unknown>) => tasks().deleteMany(filter);

  beforeEach(() => deleteMany({}));

  test('tells somebody who has no tasks yet how to start, and shows the first one as it comes', async () => {
    await using watched = await openPage(browser, home);
    const { page } = watched;
    await page.getByText('No tasks yet').waitFor();
    await untilLive(page);
    await insertOne(stored('first', { queueName: 'first_queue' }));
    await page.getByRole('link', { name: 'first_queue' }).waitFor();
    expect(await cell(page, 'first_queue', 'queued').innerText()).toBe('1');
    expect(watched.errors).toEqual([]);
    await deleteMany({ executionId: 'first' });
    await page.getByText('No tasks yet').waitFor();
  });

  test('shows the counts of each queue, and changes them within 200 ms of a write by any worker', async () => {
    await insertMany([
      ...Array.from({ length: 12 }, (_, index) => stored(`q${index}`, { queueName: 'quick' })),
      stored('other', { queueName: 'slow', status: 'failed', failedAt: new Date() }),
    ]);
    await using watched = await openPage(browser, home);
    const { page } = watched;
    await untilLive(page);
    await page.getByRole('link', { name: 'quick' }).waitFor();
    expect(await cell(page, 'quick', 'queued').innerText()).toBe('12');
    expect(await cell(page, 'slow', 'failed').innerText()).toBe('1');

    // The page itself writes down when its text changed: asking from here would measure the asking.
    await cell(page, 'quick', 'processing').evaluate((element) => {
      const seen: Record<string, number> = {};
      new MutationObserver(() => (seen[element.textContent] ??= Date.now())).observe(element, { characterData: true, subtree: true, childList: true });
      Object.assign(globalThis, { seen });
    });
    const delays: number[] = [];
    for (let done = 1; done <= 12; done += 1) {
      const written = Date.now();
      await updateOne(`q${done - 1}`, { status: 'processing', processingStartedAt: new Date() });
      const seen = await page.waitForFunction((text) => (globalThis as unknown as { seen: Record<string, number> }).seen[text], String(done));
      delays.push(Number(await seen.jsonValue()) - written);
    }
    expect(await cell(page, 'quick', 'queued').innerText()).toBe('0');
    const sorted = delays.toSorted((one, other) => one - other);
    console.info(`A write is on the screen after ${sorted[6]} ms (median), ${sorted.at(-1)} ms (worst of ${delays.length}).`);
    expect(sorted[6]).toBeLessThan(200);
    expect(watched.errors).toEqual([]);
  });

  test('keeps order and filter in the URL, so that a reload shows the same', async () => {
    await insertMany(letters());
    await using watched = await openPage(browser, home);
    const { page } = watched;
    await page.getByRole('link', { name: 'alpha' }).waitFor();
    await page.getByRole('button', { name: 'Queued', exact: true }).click();
    expect(await page.locator('thead th[aria-sort]').getAttribute('aria-sort')).toBe('descending');
    await page.getByLabel('Filter queues by name').fill('ETA');
    await page.getByText('1 of 2').waitFor();
    expect(await names(page)).toEqual(['beta']);
    expect(new URL(page.url()).search).toBe('?sort=queued.desc&q=ETA');
    await page.reload();
    await page.getByRole('link', { name: 'beta' }).waitFor();
    expect(await names(page)).toEqual(['beta']);
    expect(await page.getByLabel('Filter queues by name').inputValue()).toBe('ETA');
    await page.getByLabel('Filter queues by name').fill('none such');
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByRole('link', { name: 'alpha' }).waitFor();
  });

  test('is worked by the keyboard alone: to a row, into the queue, back, search, help', async () => {
    await insertMany(letters());
    await using watched = await openPage(browser, `${home}?sort=name.asc`);
    const { page } = watched;
    await page.getByRole('link', { name: 'alpha' }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowDown');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('beta');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'beta', level: 1 }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    await page.getByRole('table', { name: 'Queues' }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).getByText('Go to the overview').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    await page.keyboard.type('alph');
    await page.getByRole('option', { name: 'Queue alpha' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'alpha', level: 1 }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await page.getByRole('heading', { name: 'Tasks', level: 1 }).waitFor({ state: 'attached' });
    expect(watched.errors).toEqual([]);
  });

  test('remembers theme and clock', async () => {
    await using watched = await openPage(browser, home, { colorScheme: 'dark' });
    const { page } = watched;
    const theme = () => page.locator('html').getAttribute('data-mantine-color-scheme');
    expect(await theme()).toBe('dark');
    await page.getByRole('button', { name: /^Theme: as the system/ }).click();
    await page.getByRole('button', { name: /^Theme: light/ }).waitFor();
    expect(await theme()).toBe('light');
    await page.getByRole('button', { name: 'Times in Local' }).click();
    await page.reload();
    await page.getByRole('button', { name: 'Times in UTC' }).waitFor();
    expect(await theme()).toBe('light');
  });

  test('draws only the rows in sight of 200 queues, whose names may be long', async () => {
    const long = `${'a_very_long_name_of_a_queue.'.repeat(12)}end`;
    await insertMany(Array.from({ length: 200 }, (_, index) => stored(`m${index}`, { queueName: index === 0 ? long : `many_${String(index).padStart(3, '0')}` })));
    await using watched = await openPage(browser, `${home}?q=_`);
    const { page } = watched;
    await page.getByRole('link', { name: long }).waitFor();
    expect(await page.locator('tbody tr[data-index]').count()).toBeLessThan(60);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await page.getByRole('link', { name: long }).focus();
    await page.keyboard.press('End');
    await page.getByRole('link', { name: 'many_199' }).waitFor();
    await page.waitForFunction(() => document.activeElement?.textContent === 'many_199');
    expect(watched.errors).toEqual([]);
  });

  test('fits a screen of 360 pixels', async () => {
    await insertMany(letters());
    await using watched = await openPage(browser, home, { viewport: { width: 360, height: 740 } });
    const { page } = watched;
    await page.getByRole('link', { name: 'alpha' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(watched.errors).toEqual([]);
  });
});
