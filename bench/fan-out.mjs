/**
 * One change to many subscribers, at full speed: our server, whose change stream is replaced by one in memory, against a
 * broadcast of the same bytes by bare `ws`, and against stock graphql-ws.
 *   node bench/fan-out.mjs [--rounds 3] [--deliveries 60000] [--subscribers 100,500,1000] [--bursts 1,10]
 */
import { assertSameFrames, deliver, startTarget, stopTarget } from './lib/fan-out.mjs';
import { median, round } from './lib/measure.mjs';
import { atLeast, atMost, report } from './lib/report.mjs';
import { argument, listArgument } from './lib/setup.mjs';

const settings = {
  rounds: argument('rounds', 3),
  deliveries: argument('deliveries', 60_000),
  subscribers: listArgument('subscribers', [100, 500, 1_000]),
  bursts: listArgument('bursts', [1, 10]),
};
/** Every change is published to all; `different` filters forbid that subscriptions share a source. */
const CANDIDATES = [
  { name: 'raw ws', kind: 'raw-ws', filters: 'equal' },
  { name: 'tasktracker', kind: 'tasktracker', filters: 'equal' },
  { name: 'graphql-ws', kind: 'graphql-ws', filters: 'equal' },
  { name: 'tasktracker, all different', kind: 'tasktracker', filters: 'different' },
  { name: 'graphql-ws, all different', kind: 'graphql-ws', filters: 'different' },
];
const WARM_UP_CHANGES = 50;

const rounds = [];
for (const subscribers of settings.subscribers) {
  const changes = Math.max(20, Math.round(settings.deliveries / subscribers));
  const targets = [];
  for (const { name, kind, filters } of CANDIDATES) targets.push({ name, ...(await startTarget(kind, { subscribers, filters })) });

  const samples = {};
  for (const target of targets) samples[target.name] = (await deliver(target, { changes: WARM_UP_CHANGES, burst: 1 })).sample;
  assertSameFrames(samples);

  for (let index = 0; index < settings.rounds; index++) {
    for (const burst of settings.bursts) {
      // The order alternates, so that nothing always runs behind the same neighbour.
      for (const target of index % 2 === 0 ? targets : targets.toReversed()) {
        const { perSecond, cpuUs, clientCpu, bytes } = await deliver(target, { changes, burst });
        rounds.push({ subscribers, burst, round: index + 1, candidate: target.name, perSecond, cpuUs, clientCpu, bytes });
        console.log(
          `${subscribers} subscribers, burst ${burst}, round ${index + 1}: ${target.name} ${round(perSecond, 0)}/s, ${round(cpuUs, 1)} µs CPU a delivery`,
        );
      }
    }
  }
  for (const target of targets) await stopTarget(target);
}

const runsOf = (subscribers, burst, name) => rounds.filter((each) => each.subscribers === subscribers && each.burst === burst && each.candidate === name);
/** The median of the ratios of each round. */
function ratioOf(subscribers, burst, name, base) {
  const bases = runsOf(subscribers, burst, base);
  return round(median(runsOf(subscribers, burst, name).map((each, index) => each.perSecond / bases[index].perSecond)));
}

const rows = [];
const targets = [];
for (const subscribers of settings.subscribers) {
  for (const burst of settings.bursts) {
    const cpuOf = (name) => round(median(runsOf(subscribers, burst, name).map((each) => each.cpuUs)), 1);
    for (const { name } of CANDIDATES) {
      const runs = runsOf(subscribers, burst, name);
      rows.push({
        subscribers,
        burst,
        candidate: name,
        'deliveries/s': round(median(runs.map((each) => each.perSecond)), 0),
        'to raw ws': ratioOf(subscribers, burst, name, 'raw ws'),
        'CPU µs each': cpuOf(name),
        bytes: round(median(runs.map((each) => each.bytes)), 0),
        'client CPU': round(median(runs.map((each) => each.clientCpu))),
      });
    }
    const at = `${subscribers} subscribers, burst ${burst}:`;
    targets.push(
      atLeast(`${at} deliveries/s to raw ws`, ratioOf(subscribers, burst, 'tasktracker', 'raw ws'), 0.9),
      atMost(`${at} server CPU µs a delivery`, cpuOf('tasktracker'), 8),
      atLeast(`${at} all different, deliveries/s to graphql-ws`, ratioOf(subscribers, burst, 'tasktracker, all different', 'graphql-ws, all different'), 1),
    );
  }
}
report('fan-out', { settings, rows, rounds, targets });
process.exit(0);
