/**
 * The dashboard in a real Chromium over 100,000 executions: how soon its first view is there, and whether its pages stay
 * responsive while 200 executions change each second. By the browser's own measures: paint and long-task entries
 * (https://w3c.github.io/longtasks), time between animation frames, and the heap after a collection of garbage.
 *   node bench/dashboard.mjs [--documents 100000] [--rate 200] [--seconds 60] [--loads 5]
 */
import { setTimeout as delay } from 'node:timers/promises';

import { loadConfig } from '../dist/config.js';
import { findChromium, launchChromium } from '../scripts/chromium.mjs';
import { median, round } from './lib/measure.mjs';
import { startApi, stop } from './lib/processes.mjs';
import { atMost, report } from './lib/report.mjs';
import { argument, openBenchDatabase, sampleDocument } from './lib/setup.mjs';

const settings = { documents: argument('documents', 100_000), rate: argument('rate', 200), seconds: argument('seconds', 60), loads: argument('loads', 5) };
const BATCH = 1_000;
const TURNS_PER_SECOND = 10;
/** Changes go to these, the newest: they are the rows in sight. */
const CHANGING = 2_000;
const STATUSES = ['processing', 'completed', 'failed', 'dlq', 'queued'];
const VIEWPORT = { width: 1440, height: 900 };

const PAGES = [
  { name: 'overview', path: '', ready: 'tbody tr' },
  { name: 'queue', path: 'queues/bench_queue_1', ready: 'canvas' },
  { name: 'tasks', path: 'tasks', ready: '[data-row-focus]' },
  { name: 'tasks, failed ones', path: 'tasks?status=FAILED,DLQ', ready: '[data-row-focus]' },
];

const database = await openBenchDatabase();
const { collection } = database;
const shift = Date.now() - settings.documents * 1_000 - Date.UTC(2026, 0, 1);
const recent = (document) => Object.fromEntries(Object.entries(document).map(([name, value]) => [name, value instanceof Date ? new Date(value.getTime() + shift) : value]));
const changing = [];
for (let at = 0; at < settings.documents; at += BATCH) {
  const documents = Array.from({ length: BATCH }, (_, index) => recent(sampleDocument(at + index)));
  await collection.insertMany(documents);
  if (at >= settings.documents - CHANGING) changing.push(...documents.map(({ _id }) => _id));
}
const { child: api, url } = await startApi(database.uri);
const home = new URL('.', url);
while ((await (await fetch(new URL('health/ready', home))).json()).statistics.state !== 'READY') await delay(200);

let written = 0;
/** As old workers write: fields of documents by their _id. */
async function write(count) {
  const updates = Array.from({ length: count }, () => {
    written += 1;
    const now = new Date();
    const status = STATUSES[written % STATUSES.length];
    const failed = status === 'failed' || status === 'dlq' ? { failedAt: now, errorMessage: `Log ${written} is not valid`, errorCategory: 'validation' } : {};
    return { updateOne: { filter: { _id: changing[(written * 7_919) % changing.length] }, update: { $set: { status, updatedAt: now, ...(status === 'completed' ? { completedAt: now } : {}), ...failed } } } };
  });
  await collection.bulkWrite(updates, { ordered: false });
}

async function writeFor(seconds) {
  const turns = seconds * TURNS_PER_SECOND;
  const since = performance.now();
  for (let turn = 0; turn < turns; turn += 1) {
    await delay(Math.max(0, since + (turn * 1_000) / TURNS_PER_SECOND - performance.now()));
    await write(settings.rate / TURNS_PER_SECOND);
  }
  return (turns * settings.rate) / TURNS_PER_SECOND / ((performance.now() - since) / 1_000);
}

const found = await findChromium(loadConfig().cacheDir);
if (found === null) throw new Error('there is no Chromium on this machine: install Chrome');
const browser = await launchChromium(found);

/** Runs in the page before its scripts. */
function observe() {
  const seen = { longTasks: [], lcp: 0, frameGap: 0 };
  globalThis.seen = seen;
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) seen.longTasks.push({ startTime, duration });
  }).observe({ type: 'longtask', buffered: true });
  new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntries()) seen.lcp = startTime;
  }).observe({ type: 'largest-contentful-paint', buffered: true });
  let last = performance.now();
  const frame = (now) => {
    seen.frameGap = Math.max(seen.frameGap, now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

async function open({ path, ready }) {
  const context = await browser.newContext({ viewport: VIEWPORT });
  const page = await context.newPage();
  await page.addInitScript(observe);
  await page.addInitScript((selector) => {
    const look = () => {
      if (document.querySelector(selector) && document.querySelector('[data-health="live"]')) globalThis.readyAt = performance.now();
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, ready);
  await page.goto(new URL(path, home).href);
  await page.waitForFunction(() => globalThis.readyAt !== undefined);
  return { page, context };
}

/** A cold load: nothing of it is in any cache. Interactive: live rows are shown, and no long task runs. */
async function load(view) {
  const { page, context } = await open(view);
  await delay(500);
  const figures = await page.evaluate(() => {
    const { longTasks, lcp } = globalThis.seen;
    const before = longTasks.filter(({ startTime }) => startTime < globalThis.readyAt);
    const resources = performance.getEntriesByType('resource');
    return {
      firstPaint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
      largestPaint: lcp,
      interactive: Math.max(globalThis.readyAt, ...before.map(({ startTime, duration }) => startTime + duration)),
      blocked: before.reduce((sum, { duration }) => sum + duration - 50, 0),
      scriptKb: resources.filter(({ name }) => name.endsWith('.js')).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0) / 1_024,
    };
  });
  await context.close();
  return figures;
}

async function underChange(view) {
  const { page, context } = await open(view);
  const session = await context.newCDPSession(page);
  const heapMb = async () => {
    await session.send('HeapProfiler.collectGarbage');
    return (await session.send('Runtime.getHeapUsage')).usedSize / 2 ** 20;
  };
  await writeFor(5);
  const heaps = [await heapMb()];
  await page.evaluate(() => {
    globalThis.seen.longTasks.length = 0;
    globalThis.seen.frameGap = 0;
  });
  const rates = [];
  for (let third = 0; third < 3; third += 1) {
    rates.push(await writeFor(settings.seconds / 3));
    const { longTasks, frameGap } = await page.evaluate(() => globalThis.seen);
    heaps.push(await heapMb());
    if (third < 2) continue;
    const longest = Math.max(0, ...longTasks.map(({ duration }) => duration));
    await context.close();
    return { perSecond: median(rates), longTasks: longTasks.length, longest, blocked: longTasks.reduce((sum, { duration }) => sum + duration - 50, 0), frameGap, heaps };
  }
}

const rows = [];
const rounds = { loads: {}, underChange: {} };
for (const view of PAGES) {
  const loads = [];
  for (let n = 0; n < settings.loads; n += 1) loads.push(await load(view));
  rounds.loads[view.name] = loads;
  const middle = (name) => round(median(loads.map((each) => each[name])), 0);
  rows.push({ page: view.name, 'first paint ms': middle('firstPaint'), 'largest paint ms': middle('largestPaint'), 'interactive ms': middle('interactive'), 'blocked ms': middle('blocked'), 'JS KB': middle('scriptKb') });
  console.log(JSON.stringify(rows.at(-1)));
}
for (const [index, view] of PAGES.entries()) {
  const seen = await underChange(view);
  rounds.underChange[view.name] = seen;
  Object.assign(rows[index], {
    'changes/s': round(seen.perSecond, 0),
    'long tasks': seen.longTasks,
    'longest ms': round(seen.longest, 0),
    'frame gap ms': round(seen.frameGap, 0),
    'heap MB, first': round(seen.heaps[0], 1),
    'heap MB, last': round(seen.heaps.at(-1), 1),
  });
  console.log(JSON.stringify(rows[index]));
}
const most = (name) => Math.max(...rows.map((row) => row[name]));
const growth = Math.max(...Object.values(rounds.underChange).map(({ heaps }) => heaps.at(-1) - heaps.at(-2)));
const targets = [
  atMost('ms until the first view (overview) is interactive', rows[0]['interactive ms'], 1_000),
  atMost(`longest task in ms on any page at ${settings.rate} changes/s`, most('longest ms'), 200),
  atMost('MB of heap that the last third of the time has added', round(growth, 1), 5),
];
await browser.close();
report('dashboard', { database: database.description, settings, rows, rounds, targets });
await stop(api);
await database.close();
process.exit(0);
