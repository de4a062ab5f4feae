import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type RunningApp, runningApp } from '../support/app.js';
import { browserThere, launchBrowser, openPage, proxyUnder, untilLive } from '../support/browser.js';
import { stored } from '../support/feed.js';

const DASHBOARD = path.resolve(import.meta.dirname, '../../dist/dashboard');
const KB = 1_024;

interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
}

/** The scripts that a view needs: the entry, the view, and what they import. */
function scriptsOf(view: string): readonly string[] {
  const manifest = JSON.parse(readFileSync(path.join(DASHBOARD, 'manifest.json'), 'utf8')) as Record<string, Chunk>;
  const files = new Set<string>();
  const add = (key: string): void => {
    const chunk = manifest[key];
    if (chunk === undefined || files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const imported of chunk.imports ?? []) add(imported);
  };
  for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry) add(key);
  add(view);
  return [...files];
}

describe.runIf(browserThere)('the dashboard', () => {
  let browser: Browser;
  let running: RunningApp;
  let home: string;

  beforeAll(async () => {
    browser = await launchBrowser();
    running = await runningApp();
    home = new URL('.', running.url).href;
    await running.app.model.collection.insertMany([
      stored('e1', { queueName: 'jobs' }),
      stored('e2', { queueName: 'mail/out', status: 'failed', failedAt: new Date(), errorMessage: 'no route', errorCategory: 'transient' }),
    ]);
  });

  afterAll(async () => {
    await browser.close();
    await running[Symbol.asyncDispose]();
  });

  test.each(['', 'queues/jobs', 'queues/mail%2Fout', 'tasks', 'errors'])('/%s loads by itself: no other host, no error, nothing refused by its own policy', async (view) => {
    await using watched = await openPage(browser, home + view);
    await untilLive(watched.page);
    await watched.page.locator('main h1').waitFor({ state: 'attached' });
    await watched.page.waitForLoadState('networkidle');
    expect(watched.external).toEqual([]);
    expect(watched.errors).toEqual([]);
  });

  test.each(['100%', 'a%2Fb', 'what? #1 & more', 'über uns/日本', '<b>bold</b>', 'a+b'])('opens the queue %s from the overview, and again after a reload', async (name) => {
    await running.app.model.collection.insertOne(stored(`of ${name}`, { queueName: name }));
    await using watched = await openPage(browser, home);
    const { page } = watched;
    await page.getByRole('link', { name, exact: true }).click();
    await page.getByRole('heading', { name, level: 1, exact: true }).waitFor();
    await page.locator('dd').first().getByText('1', { exact: true }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name, level: 1, exact: true }).waitFor();
    await page.locator('dd').first().getByText('1', { exact: true }).waitFor();
    expect(watched.errors).toEqual([]);
  });

  test('says so where there is no such page, and leads on', async () => {
    await using watched = await openPage(browser, `${home}no/such/page`);
    await watched.page.getByText('There is no such page').waitFor();
    await watched.page.getByRole('main').getByRole('link', { name: 'overview' }).click();
    await watched.page.getByRole('table', { name: 'Queues' }).waitFor();
    expect(new URL(watched.page.url()).pathname).toBe('/');
  });

  test('says so where there is no JavaScript', async () => {
    await using watched = await openPage(browser, home, { javaScriptEnabled: false });
    expect(await watched.page.locator('noscript').innerText()).toContain('needs JavaScript');
  });

  test('sends at most 250 KB of gzipped JavaScript before the first view', () => {
    const bytes = scriptsOf('src/overview/index.tsx').reduce((sum, file) => sum + gzipSync(readFileSync(path.join(DASHBOARD, file)), { level: 9 }).length, 0);
    expect(bytes).toBeGreaterThan(50 * KB);
    expect(bytes).toBeLessThanOrEqual(250 * KB);
  });

  test('works under a path that only a proxy knows of: pages, data, live changes, links and GraphiQL', async () => {
    const proxy = await proxyUnder('/ops/tasks', running.url);
    try {
      await using watched = await openPage(browser, `${proxy.url}queues/jobs`);
      const { page } = watched;
      await untilLive(page);
      await page.getByRole('heading', { name: 'jobs', level: 1 }).waitFor();
      await page.getByRole('navigation', { name: 'Path' }).getByRole('link', { name: 'Overview' }).click();
      await page.getByRole('row', { name: /mail\/out/ }).waitFor();
      expect(page.url()).toBe(proxy.url);
      await page.getByRole('link', { name: 'mail/out' }).click();
      expect(page.url()).toBe(`${proxy.url}queues/mail%2Fout`);
      await page.reload();
      await page.getByRole('heading', { name: 'mail/out', level: 1 }).waitFor();
      await untilLive(page);
      expect(watched.external).toEqual([]);
      expect(watched.errors).toEqual([]);
    } finally {
      await proxy.close();
    }
  });
});
