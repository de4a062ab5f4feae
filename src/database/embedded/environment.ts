import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { NoEmbeddedDatabaseError } from '../errors.js';
import type { Python } from './python.js';

/** What an environment holds. */
export interface Pins {
  /** A requirements file with hashes. */
  readonly requirements: string;
  /** A module that can be imported once all is there. */
  readonly module: string;
}

const SECANTUS: Pins = { requirements: fileURLToPath(new URL('./requirements.txt', import.meta.url)), module: 'secantus' };
/** Written last: an environment that has it is whole. */
const MARKER = 'tasktracker-installed.json';
/** How long an interrupted step has to end by itself. */
const INTERRUPTED_MS = 1_500;
const ABANDONED_AFTER_MS = 60 * 60 * 1_000;

/** A virtual environment that holds exactly what requirements.txt pins. */
export interface PythonEnvironment {
  readonly folder: string;
  /** The environment's interpreter. */
  readonly python: string;
  readonly pins: Pins;
}

/** Where the environment for this Python and this requirements file is, whether or not it exists yet. */
export async function environmentFor(cacheDir: string, python: Python, pins: Pins = SECANTUS): Promise<PythonEnvironment> {
  const requirements = await readFile(pins.requirements);
  const digest = createHash('sha256').update(requirements).digest('hex').slice(0, 12);
  return environmentAt(path.join(cacheDir, `${pins.module}-py${python.version}-${digest}`), pins);
}

/** True when the environment was installed to its end and its interpreter still runs. */
export async function isInstalled(environment: PythonEnvironment): Promise<boolean> {
  try {
    await readFile(path.join(environment.folder, MARKER));
    await run(environment.python, ['-I', '-c', `import sys, importlib.util as u; sys.exit(u.find_spec("${environment.pins.module}") is None)`], () => undefined);
    return true;
  } catch {
    return false;
  }
}

/**
 * The environment, installed if it is not there. Several processes may do this at once: each builds in a folder of its
 * own and renames it into place, the first one wins. A half-finished or broken one is replaced.
 *
 * @param signal ends an installation; nothing of it is left
 * @throws NoEmbeddedDatabaseError when pip cannot install it; the signal's reason
 */
export async function installedEnvironment(
  cacheDir: string,
  python: Python,
  onProgress: (line: string) => void,
  pins: Pins = SECANTUS,
  signal?: AbortSignal,
): Promise<PythonEnvironment> {
  const wanted = await environmentFor(cacheDir, python, pins);
  if (await isInstalled(wanted)) return wanted;
  await makeCacheFolder(cacheDir);
  await removeAbandoned(cacheDir);
  const build = environmentAt(`${wanted.folder}.build-${randomBytes(6).toString('hex')}`, pins);
  const startedAt = Date.now();
  try {
    onProgress(`Preparing the embedded database: a Python ${python.version} environment in ${wanted.folder} (once)`);
    await run(python.command, ['-m', 'venv', build.folder], () => undefined, signal);
    await install(build, onProgress, signal);
    await writeFile(path.join(build.folder, MARKER), JSON.stringify({ installedAt: new Date().toISOString() }));
    await putInPlace(build, wanted);
  } catch (error) {
    signal?.throwIfAborted();
    throw new NoEmbeddedDatabaseError(
      `SecantusDB could not be installed: ${(error as Error).message}`,
      'Check that the Python package index can be reached (pip uses its own configuration), put a mongod on PATH, or set MONGODB_URI to a MongoDB replica set.',
      { cause: error },
    );
  } finally {
    await rm(build.folder, { recursive: true, force: true, maxRetries: 3 });
  }
  onProgress(`The embedded database is installed (${((Date.now() - startedAt) / 1_000).toFixed(0)} s)`);
  return wanted;
}

function environmentAt(folder: string, pins: Pins): PythonEnvironment {
  const inside = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
  return { folder, python: path.join(folder, ...inside), pins };
}

async function makeCacheFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw new NoEmbeddedDatabaseError(
      `The folder ${folder} for the embedded database cannot be made: ${(error as Error).message}`,
      'Let TASKTRACKER_CACHE_DIR name a folder that can be written to.',
      { cause: error },
    );
  }
}

/** pip with a folder of its own for what it unpacks: it goes with the rest, also where pip is killed. */
const PIP = ['import sys, tempfile, runpy', 'tempfile.tempdir = sys.argv.pop(1)', 'runpy.run_module("pip", run_name="__main__", alter_sys=True)'].join('\n');

async function install(build: PythonEnvironment, onProgress: (line: string) => void, signal: AbortSignal | undefined): Promise<void> {
  const total = (await readFile(build.pins.requirements, 'utf8')).match(/^[^\s#]+==/gm)?.length ?? 0;
  let collected = 0;
  const temporary = path.join(build.folder, 'tmp');
  await mkdir(temporary);
  const args = ['-c', PIP, temporary, 'install', '--no-input', '--no-deps', '--require-hashes', '--disable-pip-version-check'];
  const onLine = (line: string): void => {
    const collecting = /^Collecting ([^\s=]+)/.exec(line);
    if (collecting !== null) {
      collected += 1;
      onProgress(`Downloading ${collecting[1]} (${collected} of ${total})`);
    } else if (line.startsWith('Installing collected packages')) onProgress(`Unpacking ${total} packages`);
  };
  await run(build.python, [...args, '--progress-bar', 'off', '-r', build.pins.requirements], onLine, signal, 'pip install');
  await rm(temporary, { recursive: true, force: true });
}

/** A folder cannot be renamed over one that is not empty, so a broken one is moved away first. */
async function putInPlace(build: PythonEnvironment, wanted: PythonEnvironment): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(build.folder, wanted.folder);
      return;
    } catch (error) {
      const taken = ['ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '');
      if (!taken || attempt === 3) throw error;
      if (await isInstalled(wanted)) return;
      const moved = environmentAt(`${wanted.folder}.build-broken-${randomBytes(6).toString('hex')}`, wanted.pins);
      await rename(wanted.folder, moved.folder).catch(() => undefined);
      // Another process may have put a whole one there between the look and the move.
      const backAgain = (await isInstalled(moved)) && (await rename(moved.folder, wanted.folder).then(() => true, () => false));
      if (backAgain) return;
      await rm(moved.folder, { recursive: true, force: true });
    }
  }
}

async function removeAbandoned(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    if (!/-py\d+\.\d+-\w+\.build-/.test(name)) continue;
    const folder = path.join(cacheDir, name);
    const found = await stat(folder).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS) await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param signal interrupts the program, as Ctrl-C does, so that it ends what it has started itself; soon after it is killed
 * @param shown how the command is named where it fails
 */
function run(command: string, args: readonly string[], onLine: (line: string) => void, signal?: AbortSignal, shown = args.slice(0, 3).join(' ')): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    const last: string[] = [];
    createInterface({ input: child.stdout }).on('line', onLine);
    createInterface({ input: child.stderr }).on('line', (line) => {
      last.push(line);
      if (last.length > 8) last.shift();
    });
    let late: NodeJS.Timeout | undefined;
    const interrupt = (): void => {
      child.kill('SIGINT');
      late = setTimeout(() => child.kill('SIGKILL'), INTERRUPTED_MS);
    };
    signal?.addEventListener('abort', interrupt, { once: true });
    const settle = (error?: Error): void => {
      signal?.removeEventListener('abort', interrupt);
      clearTimeout(late);
      if (error === undefined) resolve();
      else reject(error);
    };
    child.once('error', settle);
    child.once('close', (code) => settle(code === 0 ? undefined : new Error(`${path.basename(command)} ${shown} ended with ${code}: ${last.join(' | ')}`)));
  });
}
