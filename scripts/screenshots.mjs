/**
 * Pictures of the dashboard: `npm run build && node scripts/screenshots.mjs [folder] [name…]`.
 *
 * Starts servers of its own over throw-away databases (made-up tasks; none; 200 queues; thousands of dead letters; one that
 * asks who looks), opens each page in a real browser, and writes one PNG each. Folder: docs/images. With names, only the pictures whose name begins with one of them.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { loadConfig } from '../dist/config.js';
import { createTaskTracker } from '../dist/index.js';
import { createApiKey } from '../dist/server/auth/api-key.js';
import { findChromium, launchChromium } from './chromium.mjs';
import { CHAIN, seedChain, seedDeadLetters, seedTasks } from './seed-tasks.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { cacheDir } = loadConfig();
const [folder = path.join(root, 'docs', 'images'), ...only] = process.argv.slice(2);

const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 360, height: 780 };

const DRAWER = `tasks?status=FAILED,DLQ&task=${CHAIN[3]}`;
const openFilters = (tab) => tab.getByRole('button', { name: 'More filters' }).click();
const untilShown = (tab) => tab.getByRole('heading', { name: 'What changed' }).waitFor();
const tickSome = async (tab) => {
  for (const index of [0, 2, 3]) await tab.locator(`[data-index="${index}"] input`).check();
};

const askForAll = async (tab) => {
  await tab.getByRole('button', { name: /^Act on all/ }).click();
  await tab.getByRole('list', { name: 'The first of them' }).waitFor();
  await tab.getByLabel('Reason').fill('The partner is not coming back');
};
const beginWithAll = async (tab) => {
  await askForAll(tab);
  await tab.getByRole('dialog').getByRole('button', { name: 'Archive', exact: true }).click();
  await tab.getByRole('status').getByText(/^Archiving [1-9]/).waitFor();
};
const help = (tab) => tab.keyboard.press('?');

/** Every picture: a page, in a theme, in a size; `act` is what is done before it is taken. */
const PICTURES = [
  ...['light', 'dark'].flatMap((theme) => [
    { name: `overview-${theme}`, path: '', theme, size: WIDE },
    { name: `queue-${theme}`, path: 'queues/partner_tasks?range=24h', theme, size: { width: 1440, height: 1300 } },
    { name: `tasks-${theme}`, path: 'tasks?order=UPDATED_AT.DESC', theme, size: WIDE },
    { name: `tasks-filter-${theme}`, path: 'tasks?status=FAILED,DLQ&queue=partner_tasks&failedAfter=-24h&meta.partnerCode=SATLOC', theme, size: WIDE, act: openFilters },
    { name: `tasks-selection-${theme}`, path: 'tasks?status=DLQ', theme, size: WIDE, act: tickSome },
    { name: `task-${theme}`, path: DRAWER, theme, size: { width: 1440, height: 1150 }, act: untilShown },
    { name: `errors-${theme}`, path: 'errors', theme, size: WIDE },
  ]),
  { name: 'help-dark', path: '', theme: 'dark', size: WIDE, act: help },
  { name: 'overview-narrow', path: '', theme: 'light', size: NARROW },
  { name: 'tasks-narrow', path: 'tasks?status=FAILED,DLQ', theme: 'light', size: NARROW },
  { name: 'task-narrow', path: DRAWER, theme: 'dark', size: NARROW, act: untilShown },
  { name: 'errors-narrow', path: 'errors', theme: 'light', size: NARROW },
  { name: 'queue-narrow', path: 'queues/partner_tasks', theme: 'dark', size: NARROW },
];

/** What there is to see: how a database is filled, and the pictures of it. */
const SCENES = [
  {
    async fill(collection) {
      await seedTasks(collection, { scale: 0.5 });
      await seedChain(collection);
    },
    pictures: PICTURES,
  },
  {
    fill: () => Promise.resolve(),
    pictures: [
      { name: 'empty-overview', path: '', theme: 'light', size: WIDE },
      { name: 'empty-tasks', path: 'tasks', theme: 'dark', size: WIDE },
      { name: 'empty-errors', path: 'errors', theme: 'light', size: WIDE },
    ],
  },
  {
    fill: (collection) => seedTasks(collection, { scale: 0.05, queues: 200 }),
    pictures: [{ name: 'many-overview', path: '', theme: 'dark', size: WIDE }],
  },
  // The first operation would be in the corner of the second picture.
  ...['light', 'dark'].map((theme) => ({
    fill: (collection) => seedDeadLetters(collection, 3_000),
    pictures: [
      { name: `bulk-${theme}`, path: 'tasks?status=DLQ', theme, size: WIDE, act: askForAll },
      { name: `bulk-${theme}-narrow`, path: 'tasks?status=DLQ', theme, size: NARROW, act: askForAll },
      { name: `bulk-progress-${theme}`, path: 'tasks?status=DLQ', theme, size: WIDE, act: beginWithAll },
    ],
  })),
  {
    options: { apiKeys: JSON.stringify([createApiKey({ name: 'nobody', role: 'VIEWER' }).entry]) },
    fill: () => Promise.resolve(),
    pictures: ['light', 'dark'].map((theme) => ({ name: `sign-in-${theme}`, path: '', theme, size: WIDE, isReady: (tab) => tab.getByLabel('API key or token').waitFor() })),
  },
];

const untilLive = (tab) => tab.locator('[data-health="live"]').waitFor();

async function takePicture(browser, base, { name, path: page, theme, size, act, isReady = untilLive }) {
  const context = await browser.newContext({ viewport: size, colorScheme: theme, deviceScaleFactor: 1, locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce' });
  const tab = await context.newPage();
  // Of the page that asks who looks, a 401 is part.
  tab.on('console', (message) => message.type() === 'error' && !message.text().includes('401') && console.error(`${name}: ${message.text()}`));
  tab.on('pageerror', (error) => console.error(`${name}: ${error.message}`));
  await tab.goto(new URL(page, base).href);
  await isReady(tab);
  await tab.waitForLoadState('networkidle').catch(() => undefined);
  await act?.(tab);
  await tab.waitForTimeout(600);
  const file = path.join(folder, `${name}.png`);
  await tab.screenshot({ path: file });
  console.log(file);
  await context.close();
}

async function takeScene(browser, { options, fill, pictures }) {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'tasktracker-pictures-'));
  const app = await createTaskTracker({ dataDir, cacheDir, port: 0, ...options });
  try {
    const url = await app.start();
    await fill(app.model.collection);
    for (const picture of pictures) await takePicture(browser, new URL('.', url).href, picture);
  } finally {
    await app.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

mkdirSync(folder, { recursive: true });
const found = await findChromium(cacheDir);
if (found === null) throw new Error('there is no Chromium on this machine: install Chrome');
const browser = await launchChromium(found);
try {
  for (const scene of SCENES) {
    const pictures = scene.pictures.filter(({ name }) => only.length === 0 || only.some((start) => name.startsWith(start)));
    if (pictures.length > 0) await takeScene(browser, { ...scene, pictures });
  }
} finally {
  await browser.close();
}
