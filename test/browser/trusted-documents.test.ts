import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import type { Browser, Response } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type RunningApp, runningApp } from '../support/app.js';
import { browserThere, launchBrowser, openPage, untilLive } from '../support/browser.js';
import { stored } from '../support/feed.js';

describe.runIf(browserThere)('the dashboard of a server that runs trusted documents only', () => {
  let browser: Browser;
  let folder: string;
  let running: RunningApp;

  beforeAll(async () => {
    browser = await launchBrowser();
    folder = await mkdtemp(path.join(os.tmpdir(), 'trusted-'));
    const file = path.join(folder, 'none.json');
    await writeFile(file, '{}');
    running = await runningApp({ trustedDocuments: file });
    const failed = { status: 'failed', failedAt: new Date(), errorMessage: 'no answer', errorCategory: 'infrastructure' };
    await running.app.model.collection.insertMany([stored('queued', { queueName: 'alpha' }), stored('failed', { queueName: 'alpha', taskId: 'jobs:failed', ...failed })]);
  });

  afterAll(async () => {
    await browser.close();
    await running[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  test.each([
    ['', 'alpha'],
    ['queues/alpha', 'alpha'],
    ['tasks', 'jobs:failed'],
    ['tasks/failed', 'no answer'],
    ['errors', 'no answer'],
  ])('shows /%s, live, and asks nothing that is refused', async (view, shown) => {
    await using watched = await openPage(browser, new URL('.', running.url).href);
    const { page } = watched;
    const refused: string[] = [];
    page.on('response', (response: Response) => {
      if (response.status() >= 400) refused.push(`${response.status()} ${response.url()}`);
    });
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        if (String(payload).includes('"type":"error"')) refused.push(String(payload));
      }),
    );
    await page.goto(new URL(view, new URL('.', running.url)).href);
    await page.getByText(shown).first().waitFor();
    await untilLive(page);
    expect(refused).toEqual([]);
    expect(watched.errors).toEqual([]);
  });
});
