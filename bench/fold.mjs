/**
 * What keeping the statistics in memory costs, without a database: changes folded a second, memory of a full history,
 * reads, snapshot and restore.
 *   node bench/fold.mjs [--queues 100] [--rate 30] [--days 30] [--groups 2000] [--transitions 300000] [--rounds 5]
 * `rate` is tasks a minute and queue. The full history is folded task by task: at the defaults that is 130 million.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { createFold, restoreFold } from '../dist/stats/fold/fold.js';
import { createLives, DAY, MINUTE } from './lib/lives.mjs';
import { median, nowMs, round } from './lib/measure.mjs';
import { atLeast, atMost, report } from './lib/report.mjs';
import { argument } from './lib/setup.mjs';

const settings = {
  queues: argument('queues', 100),
  rate: argument('rate', 30),
  days: argument('days', 30),
  groups: argument('groups', 2_000),
  failures: 0.02,
  transitions: argument('transitions', 300_000),
  rounds: argument('rounds', 5),
};
const NOW = Date.UTC(2026, 5, 15, 13, 42, 17);
const MB = 2 ** 20;
/** What a document was before it was inserted. */
const NOTHING = null;
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

/** Heap and what lies outside it, after a collection: what the process holds, not what it has once asked the system for. */
function heldMb() {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MB;
}

/** Changes of whole lives in the order of time: queued, processing, ended. Made before they are timed. */
function transitionsOf(lives, count, start) {
  const events = [];
  const minutes = Math.ceil(count / 3 / (settings.queues * settings.rate));
  for (let minute = 0; minute < minutes; minute++) {
    for (let queue = 0; queue < settings.queues; queue++) {
      for (let task = 0; task < settings.rate; task++) {
        const life = lives.life(queue, start + minute * MINUTE + Math.floor(lives.random() * MINUTE));
        const [queued, processing, ended] = [0, 1, 2].map((step) => lives.state(life, step));
        events.push([life.enqueuedAt, null, queued], [life.startedAt, queued, processing], [life.endedAt, processing, ended]);
      }
    }
  }
  return events.sort((a, b) => a[0] - b[0]).slice(0, count);
}

function measureThroughput(seed) {
  const lives = createLives({ ...settings, seed });
  const events = transitionsOf(lives, settings.transitions, NOW);
  let now = NOW;
  const fold = createFold({ clock: () => now });
  const start = nowMs();
  for (const [at, before, after] of events) {
    now = at.getTime();
    fold.apply(before, after);
  }
  return events.length / ((nowMs() - start) / 1000);
}

/** Every minute of every queue, ended tasks, the oldest first. */
function fill(fold, lives, setNow) {
  const start = NOW - settings.days * DAY;
  const minutes = Math.floor((NOW - start) / MINUTE);
  const began = nowMs();
  let folded = 0;
  for (let minute = 0; minute < minutes; minute++) {
    const at = start + minute * MINUTE;
    setNow(at + MINUTE);
    for (let queue = 0; queue < settings.queues; queue++) {
      for (let task = 0; task < settings.rate; task++) {
        fold.apply(NOTHING, lives.state(lives.life(queue, at + Math.floor(lives.random() * MINUTE)), 2));
        folded += 1;
      }
    }
    if (minute % 1_440 === 0) process.stderr.write(`\rday ${minute / 1_440} of ${settings.days}`);
  }
  process.stderr.write('\r');
  return { folded, perSecond: folded / ((nowMs() - began) / 1000) };
}

function timed(times, action) {
  const spans = [];
  for (let time = 0; time < times; time++) {
    const start = nowMs();
    action();
    spans.push(nowMs() - start);
  }
  return median(spans);
}

const rounds = [];
for (let index = 0; index < settings.rounds; index++) rounds.push(round(measureThroughput(index + 1), 0));

const before = heldMb();
const lives = createLives({ ...settings, seed: 99 });
let now = NOW;
const clock = () => now;
const fold = createFold({ clock });
const filled = fill(fold, lives, (at) => (now = at));
now = NOW;
fold.evict();
const memory = heldMb() - before;

const [queue] = lives.names;
const day = [NOW - DAY - (NOW % MINUTE), NOW - (NOW % MINUTE) + MINUTE];
const hours = [NOW - 29 * DAY - (NOW % 3_600_000), NOW - (NOW % 3_600_000) + 3_600_000];
const reads = {
  'counts of all queues': timed(50, () => lives.names.forEach((name) => fold.counts(name))),
  'a day of minutes, one queue': timed(20, () => fold.throughput(queue, ...day, 'MINUTE')),
  'a day of minutes, all queues': timed(20, () => fold.throughput(null, ...day, 'MINUTE')),
  '29 days of hours, one queue': timed(20, () => fold.throughput(queue, ...hours, 'HOUR')),
  'depths of a day of minutes, one queue': timed(20, () => fold.history(queue, ...day, 'MINUTE')),
  'run times of 24 h, all queues': timed(20, () => lives.names.forEach((name) => fold.runLatency(name))),
  'error groups of 30 days, all queues': timed(10, () => fold.errorGroups(null, NOW - 30 * DAY, NOW)),
  'error groups of an hour, one queue': timed(10, () => fold.errorGroups(queue, NOW - 3_600_000, NOW)),
};
const groupCount = fold.errorGroups(null, NOW - 30 * DAY, NOW).length;

// When the windows roll on, every five minutes.
const rolls = timed(5, () => {
  now += 5 * MINUTE;
  fold.evict();
});

const stops = [];
const packs = [];
let bytes;
for (let time = 0; time < 5; time++) {
  const called = nowMs();
  const pending = fold.snapshot();
  stops.push(nowMs() - called);
  bytes = await pending;
  packs.push(nowMs() - called);
}
const restoring = nowMs();
const restored = restoreFold(bytes, { clock });
const restoreMs = nowMs() - restoring;
if (JSON.stringify(restored.throughput(null, ...hours, 'HOUR')) !== JSON.stringify(fold.throughput(null, ...hours, 'HOUR'))) throw new Error('The restored fold reads otherwise.');

const rows = [
  { figure: 'changes folded a second (median of rounds)', value: median(rounds) },
  { figure: `tasks folded to fill ${settings.days} days`, value: filled.folded },
  { figure: 'of them a second', value: round(filled.perSecond, 0) },
  { figure: 'memory of the full history, MB', value: round(memory, 1) },
  { figure: 'its own estimate (size), MB', value: round(fold.size / MB, 1) },
  { figure: 'error groups', value: groupCount },
  ...Object.entries(reads).map(([figure, ms]) => ({ figure: `${figure}, ms`, value: round(ms, 3) })),
  { figure: 'the windows roll on by five minutes, ms', value: round(rolls, 1) },
  { figure: 'snapshot: the event loop stands still, ms', value: round(median(stops), 0) },
  { figure: 'snapshot: until it is there, ms', value: round(median(packs), 0) },
  { figure: 'snapshot, MB', value: round(bytes.length / MB, 1) },
  { figure: 'restore, ms', value: round(restoreMs, 0) },
];
report('fold', {
  settings,
  rounds,
  rows,
  targets: [
    atLeast('changes folded a second', median(rounds), 50_000),
    atMost('MB of a full history', round(memory, 1), 300),
    atMost('ms for a day of minutes of one queue', round(reads['a day of minutes, one queue'], 3), 5),
  ],
});
