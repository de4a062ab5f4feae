import { execFile } from 'node:child_process';

import { NoEmbeddedDatabaseError } from '../errors.js';
import { commandsNamed } from './commands.js';

/** Commands tried, in order: the newest Python for which SecantusDB's wheels exist first. */
const CANDIDATES =
  process.platform === 'win32'
    ? ['python3.13', 'python3.12', 'python3.11', 'python3', 'python']
    : ['python3.13', 'python3.12', 'python3.11', 'python3'];
const OLDEST = [3, 11] as const;
const NEWEST = [3, 13] as const;

/** What the interpreter says of itself. Debian and Ubuntu split venv off: without ensurepip no environment can be made. */
const QUESTION = [
  'import sys, importlib.util as u',
  'print(sys.version_info[0], sys.version_info[1], int(u.find_spec("venv") is not None and u.find_spec("ensurepip") is not None))',
].join('\n');
const ANSWER_TIMEOUT_MS = 3_000;

export interface Python {
  readonly command: string;
  /** As in "3.12". */
  readonly version: string;
}

/** What was found, and why each command that was not taken does not do. */
export interface PythonSearch {
  readonly python: Python | undefined;
  readonly rejected: readonly string[];
}

/**
 * Looks for a Python that can run SecantusDB on the given PATH. A command counts only when it really answers:
 * version managers leave stubs on PATH for versions that are not there.
 */
export async function findPython(path?: string): Promise<PythonSearch> {
  const rejected: string[] = [];
  for (const name of CANDIDATES) {
    for (const command of commandsNamed(name, path)) {
      const answer = await ask(command);
      if (answer === undefined) continue;
      const [major, minor, hasVenv] = answer;
      const version = `${major}.${minor}`;
      if (!within(major, minor)) rejected.push(`${command} is ${version}`);
      else if (!hasVenv) rejected.push(`${command} (${version}) lacks the venv module`);
      else return { python: { command, version }, rejected };
    }
  }
  return { python: undefined, rejected: [...new Set(rejected)] };
}

/** The error for a search that found nothing: what was seen, and what to install. */
export function noPython(search: PythonSearch): NoEmbeddedDatabaseError {
  const range = `${OLDEST.join('.')} to ${NEWEST.join('.')}`;
  const lacksVenv = search.rejected.some((line) => line.includes('lacks the venv module'));
  const seen = search.rejected.length === 0 ? 'none was found on PATH' : `found only: ${search.rejected.join('; ')}`;
  return new NoEmbeddedDatabaseError(
    `No Python ${range} for the embedded database: ${seen}.`,
    lacksVenv
      ? 'Install the missing module (Debian, Ubuntu: apt install python3-venv), or set MONGODB_URI to a MongoDB replica set.'
      : `Install Python ${range} (python.org, your system's packages), put a mongod on PATH, or set MONGODB_URI to a MongoDB replica set.`,
  );
}

function within(major: number, minor: number): boolean {
  return major === OLDEST[0] && minor >= OLDEST[1] && minor <= NEWEST[1];
}

function ask(command: string): Promise<[major: number, minor: number, hasVenv: boolean] | undefined> {
  return new Promise((resolve) => {
    execFile(command, ['-I', '-c', QUESTION], { timeout: ANSWER_TIMEOUT_MS, windowsHide: true }, (error, stdout) => {
      const [major, minor, hasVenv] = stdout.trim().split(' ').map(Number);
      if (error !== null || major === undefined || minor === undefined) resolve(undefined);
      else resolve([major, minor, hasVenv === 1]);
    });
  });
}
