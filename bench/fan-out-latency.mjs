/**
 * From the publication of a change to each of many subscribers, at a pace that leaves everybody idle in between: our server
 * (its change stream replaced by one in memory) against bare `ws` sending the same bytes.
 *   node bench/fan-out-latency.mjs [--rounds 5] [--subscribers 500] [--rate 20] [--seconds 5]
 */
import { assertSameFrames, deliver, startTarget, stopTarget } from './lib/fan-out.mjs';
import { median, round } from './lib/measure.mjs';
import { atMost, report } from './lib/report.mjs';
import { argument } from './lib/setup.mjs';

const settings = { rounds: argument('rounds', 5), subscribers: argument('subscribers', 500), rate: argument('rate', 20), seconds: argument('seconds', 5) };
const CANDIDATES = [
  { name: 'raw ws', kind: 'raw-ws', filters: 'equal' },
  { name: 'tasktracker', kind: 'tasktracker', filters: 'equal' },
  { name: 'tasktracker, all different', kind: 'tasktracker', filters: 'different' },
  { name: 'graphql-ws', kind: 'graphql-ws', filters: 'equal' },
];

const candidates = [];
const samples = {};
for (const { name, kind, filters } of CANDIDATES) {
  const target = await startTarget(kind, { subscribers: settings.subscribers, filters });
  samples[name] = (await deliver(target, { changes: 100, burst: 1 })).sample;
  candidates.push({ name, target });
}
assertSameFrames(samples);

const rounds = [];
for (let index = 0; index < settings.rounds; index++) {
  for (const { name, target } of index % 2 === 0 ? candidates : candidates.toReversed()) {
    const { p50, p99, cpuUs } = await deliver(target, { changes: settings.rate * settings.seconds, rate: settings.rate });
    rounds.push({ round: index + 1, candidate: name, p50, p99, cpuUs });
    console.log(`round ${index + 1}: ${name} p50 ${round(p50)} ms, p99 ${round(p99)} ms`);
  }
}
for (const { target } of candidates) await stopTarget(target);

const runsOf = (name) => rounds.filter((each) => each.candidate === name);
const figure = (name, key) => round(median(runsOf(name).map((each) => each[key])));
/** The median of the ratios of each round. */
const ratio = (name, key) => round(median(runsOf(name).map((each, index) => each[key] / runsOf('raw ws')[index][key])));
const rows = CANDIDATES.map(({ name }) => ({
  candidate: name,
  'p50 ms': figure(name, 'p50'),
  'p50 to raw ws': ratio(name, 'p50'),
  'p99 ms': figure(name, 'p99'),
  'p99 to raw ws': ratio(name, 'p99'),
  'CPU µs a delivery': figure(name, 'cpuUs'),
}));
const at = `${settings.subscribers} subscribers, ${settings.rate} changes/s:`;
const targets = [atMost(`${at} p50 to raw ws`, ratio('tasktracker', 'p50'), 1.3), atMost(`${at} p99 to raw ws`, ratio('tasktracker', 'p99'), 2)];
report('fan-out-latency', { settings, rows, rounds, targets });
process.exit(0);
