import { readFile } from 'node:fs/promises';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createApiKey } from '../../src/server/auth/api-key.js';
import { type RunningApp, runningApp } from '../support/app.js';
import { violations } from '../support/axe.js';
import { browserThere, launchBrowser, openPage, untilLive, withoutFilePicker } from '../support/browser.js';
import { stored } from '../support/feed.js';

const viewer = createApiKey({ name: 'vera', role: 'VIEWER' });
const operator = createApiKey({ name: 'olaf', role: 'OPERATOR' });

async function signIn(page: Page, key: string, options: { keep?: boolean } = {}): Promise<void> {
  await page.getByLabel('API key or token').fill(key);
  if (options.keep === false) await page.getByLabel('Keep it until this tab is closed').uncheck();
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Browsers report a 401 on the console by themselves. */
const unexpected = (errors: readonly string[]): readonly string[] => errors.filter((text) => !text.includes('401'));

describe.runIf(browserThere)('the dashboard of a server that wants to know who looks', () => {
  let browser: Browser;
  let running: RunningApp;
  const at = (path: string): string => new URL(path, running.url).href;

  beforeAll(async () => {
    [browser, running] = await Promise.all([launchBrowser(), runningApp({ apiKeys: JSON.stringify([viewer.entry, operator.entry]), maxFailedAuthentications: 0 })]);
    await running.app.model.collection.insertOne(stored('dead', { status: 'dlq', failedAt: new Date(), errorMessage: 'boom', queueName: 'jobs' }) as never);
  });
  afterAll(async () => {
    await browser.close();
    await running[Symbol.asyncDispose]();
  });

  test('asks for a key, refuses a wrong one in words, and is live with a right one, also after a reload', async () => {
    await using watched = await openPage(browser, at('/'));
    const { page } = watched;
    await page.getByRole('heading', { name: 'TaskTracker' }).waitFor();
    await signIn(page, 'wrong');
    await page.getByRole('alert').waitFor();
    await signIn(page, viewer.key);
    await untilLive(page);
    await page.getByText('jobs').first().waitFor();
    await page.reload();
    await untilLive(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key or token').waitFor();
    await page.reload();
    await page.getByLabel('API key or token').waitFor();
    expect(unexpected(watched.errors)).toEqual([]);
    expect(watched.external).toEqual([]);
  });

  test('forgets a key that is not to be kept when the page is left', async () => {
    await using watched = await openPage(browser, at('/'));
    await signIn(watched.page, viewer.key, { keep: false });
    await untilLive(watched.page);
    await watched.page.reload();
    await watched.page.getByLabel('API key or token').waitFor();
  });

  test('offers moves to an operator, and none to a viewer', async () => {
    for (const [key, offered] of [[viewer.key, 0], [operator.key, 2]] as const) {
      await using watched = await openPage(browser, at('/tasks/dead'));
      await signIn(watched.page, key);
      await watched.page.getByText('boom').first().waitFor();
      await watched.page.getByRole('button', { name: 'Sign out' }).and(watched.page.getByTitle(/^Signed in: /)).waitFor();
      expect(await watched.page.getByRole('button', { name: /^(Retry|Archive)$/ }).count()).toBe(offered);
    }
  });

  test('exports with the key', async () => {
    await using watched = await openPage(browser, at('/tasks'), { acceptDownloads: true, before: withoutFilePicker });
    const { page } = watched;
    await signIn(page, viewer.key);
    await untilLive(page);
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'NDJSON of the whole list' }).click()]);
    expect(await readFile(await download.path(), 'utf8')).toContain('"executionId":"dead"');
  });

  test('is accessible where it asks for the key, in both themes', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await using watched = await openPage(browser, at('/'), { colorScheme });
      await watched.page.getByLabel('API key or token').waitFor();
      expect(await violations(watched.page)).toEqual([]);
    }
  });

  test('GraphiQL sends what its headers editor holds with queries and subscriptions', async () => {
    await using watched = await openPage(browser, at('/graphiql'));
    const { page } = watched;
    await page.getByRole('tab', { name: 'Overview' }).click();
    await page.getByRole('button', { name: 'Headers', exact: true }).click();
    await page.locator('.graphiql-editor-tool .graphiql-editor:not(.hidden) .view-line').first().click();
    await page.keyboard.insertText(JSON.stringify({ authorization: `Bearer ${viewer.key}` }));
    await page.getByRole('button', { name: /execute query/i }).click();
    const answered = (text: string) => page.waitForFunction((wanted) => document.querySelector('.graphiql-response')?.textContent.replaceAll('\u00a0', ' ').includes(wanted), text);
    await answered('"name": "jobs"');
    await page.getByRole('tab', { name: 'NewestTasks' }).click();
    await page.getByRole('button', { name: 'Headers', exact: true }).click();
    await page.locator('.graphiql-editor-tool .graphiql-editor:not(.hidden) .view-line').first().click();
    await page.keyboard.insertText(JSON.stringify({ authorization: `Bearer ${viewer.key}` }));
    await page.locator('.graphiql-execute-button[aria-haspopup="menu"]').click();
    await page.getByRole('menuitem', { name: 'NewestTasks' }).click();
    await answered('"kind": "SNAPSHOT"');
    expect(watched.external).toEqual([]);
  });
});
