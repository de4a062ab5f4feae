/**
 * What an idle subscriber costs the server in memory: resident, and heap after a collection, per subscription beyond those
 * that were there before.
 *   node bench/subscriber-memory.mjs [--rounds 3]
 */
import { startScript, ask, stop } from './lib/processes.mjs';
import { settle, startTarget, stopTarget } from './lib/fan-out.mjs';
import { median, round } from './lib/measure.mjs';
import { atMost, report } from './lib/report.mjs';
import { argument } from './lib/setup.mjs';

const settings = { rounds: argument('rounds', 3) };
/** The first subscribers bring what all share: the code, warm, and room that the process keeps. */
const BEFORE = 200;
const CASES = [
  { name: 'equal, a connection each', subscribers: 1_000, perConnection: 1, filters: 'equal', bound: 20 },
  { name: 'equal, a connection each', subscribers: 5_000, perConnection: 1, filters: 'equal', bound: 20 },
  { name: 'all different, a connection each', subscribers: 1_000, perConnection: 1, filters: 'different', bound: 20 },
  { name: 'equal, 100 on a connection', subscribers: 5_000, perConnection: 100, filters: 'equal' },
  { name: 'all different, 100 on a connection', subscribers: 5_000, perConnection: 100, filters: 'different' },
];

/** KB for each subscription of one more process of clients. */
async function measure(kind, { subscribers, perConnection, filters }) {
  const target = await startTarget(kind, { subscribers: BEFORE, filters, execArgv: ['--expose-gc'] });
  const before = await ask(target.server, { memory: true });
  const more = await startScript('subscribers.mjs', { port: target.port, subscribers, perConnection, filters });
  await settle({ ...target, clients: more.child, subscribers });
  const after = await ask(target.server, { memory: true });
  await stop(more.child);
  await stopTarget(target);
  const each = (key) => (after[key] - before[key]) / 1024 / subscribers;
  return { rss: each('rss'), heap: each('heapUsed') };
}

const rounds = [];
for (let index = 0; index < settings.rounds; index++) {
  for (const plan of CASES) {
    for (const kind of ['raw-ws', 'tasktracker', 'graphql-ws']) {
      if (kind === 'raw-ws' && plan.perConnection > 1) continue; // It knows no subscriptions.
      const { rss, heap } = await measure(kind, plan);
      rounds.push({ round: index + 1, case: plan.name, subscribers: plan.subscribers, kind, rss, heap });
      console.log(`round ${index + 1}, ${plan.subscribers} ${plan.name}, ${kind}: resident ${round(rss, 1)} KB, heap ${round(heap, 1)} KB each`);
    }
  }
}

const rows = [];
const targets = [];
for (const { name, subscribers, bound } of CASES) {
  const figure = (kind, key) => {
    const runs = rounds.filter((each) => each.case === name && each.subscribers === subscribers && each.kind === kind);
    return runs.length === 0 ? null : round(median(runs.map((each) => each[key])), 1);
  };
  rows.push({
    subscribers,
    case: name,
    'resident KB': figure('tasktracker', 'rss'),
    'heap KB': figure('tasktracker', 'heap'),
    'raw ws resident': figure('raw-ws', 'rss'),
    'raw ws heap': figure('raw-ws', 'heap'),
    'graphql-ws resident': figure('graphql-ws', 'rss'),
    'graphql-ws heap': figure('graphql-ws', 'heap'),
  });
  if (bound === undefined) continue;
  targets.push(
    atMost(`${subscribers} ${name}: resident KB a subscriber`, figure('tasktracker', 'rss'), bound),
    atMost(`${subscribers} ${name}: heap KB a subscriber`, figure('tasktracker', 'heap'), bound),
  );
}
report('subscriber-memory', { settings, rows, rounds, targets });
process.exit(0);
