import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type RunningApp, runningApp } from '../support/app.js';
import { violations } from '../support/axe.js';
import { browserThere, launchBrowser, openPage, untilLive } from '../support/browser.js';
import { stored } from '../support/feed.js';

const startedAt = Date.now();
const at = (agoMs: number): Date => new Date(startedAt - agoMs);
const MINUTE = 60_000;

function failed(executionId: string, errorMessage: string, fields: Record<string, unknown> = {}): Record<string, unknown> {
  return stored(executionId, {
    status: 'failed',
    enqueuedAt: at(150 * MINUTE),
    processingStartedAt: at(149 * MINUTE),
    failedAt: at(148 * MINUTE),
    errorMessage,
    errorCategory: 'transient',
    ...fields,
  });
}

describe.runIf(browserThere)('the errors', () => {
  let browser: Browser;
  let running: RunningApp;
  let home: string;

  beforeAll(async () => {
    browser = await launchBrowser();
    running = await runningApp();
    home = new URL('.', running.url).href;
    await running.app.model.collection.insertMany([
      ...Array.from({ length: 12 }, (_, index) => failed(`t${index}`, `connect ETIMEDOUT 10.0.0.${index}:443`)),
      failed('v0', 'field "id" is missing', { errorCategory: 'validation', queueName: 'mail' }),
    ]);
  });

  afterAll(async () => {
    await browser.close();
    await running[Symbol.asyncDispose]();
  });

  test.each(['light', 'dark'] as const)('have nothing against WCAG 2.1 AA, %s', async (colorScheme) => {
    await using watched = await openPage(browser, `${home}errors?queue=jobs`, { colorScheme });
    await watched.page.getByRole('article').first().waitFor();
    await untilLive(watched.page);
    expect(await violations(watched.page)).toEqual([]);
    await watched.page.setViewportSize({ width: 360, height: 780 });
    expect(await watched.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });

  test('stand by what went wrong, lead to their tasks, and a new one comes by itself and is marked', async () => {
    await using watched = await openPage(browser, `${home}errors`);
    const { page } = watched;
    const timeouts = page.getByRole('article').filter({ hasText: 'ETIMEDOUT' });
    await timeouts.getByText('12', { exact: true }).waitFor();
    expect(await page.getByRole('article').first().innerText()).toContain('ETIMEDOUT');
    // Its spark line: all of them failed in the same hour. A day that begins with an hour has 24 of them, any other touches 25.
    await timeouts.getByRole('img', { name: /^Last 24h, in 2[45] intervals: at most 12 failures in one$/ }).waitFor();

    await running.app.model.collection.insertOne(failed('n0', 'disk is full', { failedAt: new Date(), errorCategory: 'infrastructure' }));
    const fresh = page.getByRole('article').filter({ hasText: 'disk is full' });
    await fresh.getByText('New', { exact: true }).waitFor();
    expect(await timeouts.getByText('New', { exact: true }).count()).toBe(0);

    await timeouts.getByRole('link', { name: 'Show these tasks' }).click();
    await page.getByText('12 tasks').waitFor();
    expect(new URL(page.url()).pathname).toMatch(/\/tasks$/);
    expect(watched.errors).toEqual([]);
  });

  test('are retried as a group, with progress', async () => {
    await using watched = await openPage(browser, `${home}errors?queue=jobs`);
    const { page } = watched;
    await page.getByRole('article').filter({ hasText: 'ETIMEDOUT' }).getByRole('button', { name: 'Retry these' }).click();
    const dialog = page.getByRole('dialog', { name: 'Retry 12 executions?' });
    await dialog.getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('dialog', { name: 'Retry 12 executions' }).getByText('Retried 12 executions.').waitFor();
    expect(await running.app.model.collection.countDocuments({ status: 'queued', retryCount: 1 })).toBe(12);
    expect(watched.errors).toEqual([]);
  });
});
