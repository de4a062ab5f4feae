import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { EXAMPLE_OPERATIONS } from '../../src/server/playground-examples.js';
import { type RunningApp, runningApp } from '../support/app.js';
import { browserThere, launchBrowser, openPage, proxyUnder, type WatchedPage } from '../support/browser.js';
import { stored } from '../support/feed.js';

/** Waits for a text in the answer. The editor that shows it draws spaces as no-break ones, and only the lines in sight. */
async function untilAnswered(page: Page, expected: string): Promise<void> {
  await page.waitForFunction((text) => document.querySelector('.graphiql-response')?.textContent.replaceAll('\u00a0', ' ').includes(text), expected);
}

describe.runIf(browserThere)('GraphiQL', () => {
  let browser: Browser;
  let running: RunningApp;

  beforeAll(async () => {
    browser = await launchBrowser();
    running = await runningApp();
    await running.app.model.collection.insertOne(stored('g1', { queueName: 'jobs' }));
  });

  afterAll(async () => {
    await browser.close();
    await running[Symbol.asyncDispose]();
  });

  test('opens each of its tabs by a click', async () => {
    await using watched = await openPage(browser, new URL('/graphiql', running.url).href);
    const { page } = watched;
    await page.getByRole('tab', { name: 'Overview' }).waitFor();
    for (const { query } of EXAMPLE_OPERATIONS.toReversed()) {
      const [, name = ''] = /(?:query|mutation|subscription) (\w+)/.exec(query) ?? [];
      await page.getByRole('tab', { name }).click();
      await page.getByRole('tab', { name, selected: true }).waitFor();
    }
  });

  async function queriesAndSubscribes({ page, external, errors }: WatchedPage): Promise<void> {
    await page.getByRole('tab', { name: 'Overview' }).click();
    await page.getByRole('button', { name: /execute query/i }).click();
    await untilAnswered(page, '"name": "jobs"');
    // A tab with several operations: the button asks which, once GraphiQL has read them.
    await page.getByRole('tab', { name: 'NewestTasks' }).click();
    await page.locator('.graphiql-execute-button[aria-haspopup="menu"]').click();
    await page.getByRole('menuitem', { name: 'NewestTasks' }).click();
    await untilAnswered(page, '"kind": "SNAPSHOT"');
    expect(external).toEqual([]);
    expect(errors).toEqual([]);
  }

  test('runs queries and subscriptions under its own policy, with no other host', async () => {
    await using watched = await openPage(browser, new URL('/graphiql', running.url).href);
    await queriesAndSubscribes(watched);
  });

  test('does so under a path that only a proxy knows of', async () => {
    const proxy = await proxyUnder('/ops/tasks', running.url);
    try {
      await using watched = await openPage(browser, `${proxy.url}graphiql`);
      await queriesAndSubscribes(watched);
    } finally {
      await proxy.close();
    }
  });
});
