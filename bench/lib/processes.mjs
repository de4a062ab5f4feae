/** What is measured runs in processes of its own: they end with this one. */
import { fork, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const BENCH = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
export const DIST = path.resolve(BENCH, '../dist');

const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGTERM')));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

function keep(child) {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** `tasktracker serve` on a free port: resolves with its process and URL. @param onLog is told each line of its log, if given @param settings environment variables besides @param execArgv for Node; what is loaded so may send messages */
export function startApi(mongodbUri, onLog = undefined, settings = {}, execArgv = []) {
  const log = onLog === undefined ? { LOG_LEVEL: 'warn' } : { LOG_LEVEL: 'info', LOG_FORMAT: 'json' };
  const env = { ...process.env, NODE_ENV: 'production', MONGODB_URI: mongodbUri, HOST: '127.0.0.1', PORT: '0', TASKTRACKER_MAX_OPERATIONS_PER_SECOND: '0', ...log, ...settings };
  const stderr = onLog === undefined ? 'inherit' : 'pipe';
  const channel = execArgv.length > 0 ? ['ipc'] : [];
  const child = keep(spawn(process.execPath, [...execArgv, path.join(DIST, 'cli.js'), 'serve'], { env, stdio: ['ignore', 'pipe', stderr, ...channel] }));
  if (onLog !== undefined) createInterface({ input: child.stderr }).on('line', (line) => onLog(JSON.parse(line)));
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the API ended with exit code ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const url = /ready at (\S+)/.exec(line)?.[1];
      if (url !== undefined) resolve({ child, url });
    });
  });
}

/** A script of bench/processes: resolves with its process and first message. */
export function startScript(name, argument, execArgv = []) {
  const env = { ...process.env, NODE_ENV: 'production' };
  const child = keep(fork(path.join(BENCH, 'processes', name), [JSON.stringify(argument)], { env, execArgv }));
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${name} ended with exit code ${code}`)));
    child.once('message', (ready) => resolve({ child, ready }));
  });
}

/** Sends a message and resolves with the answer. */
export function ask(child, message) {
  return new Promise((resolve, reject) => {
    const onExit = (code) => reject(new Error(`process ended with exit code ${code}`));
    child.once('exit', onExit);
    child.once('message', (answer) => {
      child.off('exit', onExit);
      resolve(answer);
    });
    child.send(message);
  });
}

export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(force);
}
