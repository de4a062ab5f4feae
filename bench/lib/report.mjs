/** What a run was measured on, a table for people, and a file for comparisons. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { DRIVER_VERSION } from './driver.mjs';

const BENCH = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

function versionOf(name) {
  return JSON.parse(readFileSync(path.join(BENCH, '../node_modules', name, 'package.json'), 'utf8')).version;
}

export function machine() {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cpus: cpus.length,
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.arch()}`,
    node: process.version,
    mongodb: DRIVER_VERSION,
    ...Object.fromEntries(['mongoose', '@apollo/server', 'fastify', 'graphql', 'graphql-ws', 'ws'].map((name) => [name, versionOf(name)])),
  };
}

/** A figure that has to be reached: `measured` at most (or at least) `bound`. */
export const atMost = (target, measured, bound) => ({ target: `${target} ≤ ${bound}`, measured, ok: measured <= bound });
export const atLeast = (target, measured, bound) => ({ target: `${target} ≥ ${bound}`, measured, ok: measured >= bound });

/** Prints the table and whether each target holds, and writes results/NAME.json. */
export function report(name, { database = 'no database', settings, rows, rounds, targets = [] }) {
  const about = machine();
  console.log(`\n${name} on ${about.cpus} × ${about.cpu}, Node ${about.node}, ${database}`);
  console.table(rows);
  for (const { target, measured, ok } of targets) console.log(`${ok ? 'PASS ' : 'short'}  ${target}: ${measured}`);
  mkdirSync(path.join(BENCH, 'results'), { recursive: true });
  const file = path.join(BENCH, 'results', `${name}.json`);
  writeFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), machine: about, database, settings, targets, rows, rounds }, null, 1)}\n`);
  console.log(`written: ${path.relative(process.cwd(), file)}`);
}
