import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';

import { environmentFor, installedEnvironment, isInstalled, type Pins } from '../../../src/database/embedded/environment.js';
import { findPython, type Python } from '../../../src/database/embedded/python.js';
import { NoEmbeddedDatabaseError } from '../../../src/database/errors.js';
import { silentIndex } from '../../support/silent-index.js';
import { rejection, temporaryFolder } from '../../support/embedded.js';

/** One small package, with the hash of its wheel: what is tested is the folder, not what is in it. */
const WHEEL = 'dnspython==2.9.2 --hash=sha256:af15f7d385a6ae2fb35a796fde2138004c8c42c7389090e2addc83e3b3340fd8';
const SOURCE = '--hash=sha256:8d4d39a513e649d634004ce4d39ade2352efcea472a0247535a5c2d18a9d7ba9';
const TIMEOUT_MS = 90_000;

describe('the Python environment', { timeout: TIMEOUT_MS }, () => {
  let python: Python;

  beforeEach(async ({ skip }) => {
    if (!inject('embedded')) skip('the run has MONGODB_URI: nothing is to be installed');
    const search = await findPython();
    if (search.python === undefined) skip('there is no Python 3.11 to 3.13');
    else python = search.python;
  });

  afterEach(() => vi.unstubAllEnvs());

  const pinsIn = async (folder: string, text: string): Promise<Pins> => {
    const requirements = path.join(folder, 'requirements.txt');
    await writeFile(requirements, text);
    return { requirements, module: 'dns' };
  };

  it('is whole for both of two that install at once over one that was cut short, and says how far it is', async () => {
    await using temporary = await temporaryFolder();
    const pins = await pinsIn(temporary.folder, `${WHEEL} ${SOURCE}\n`);
    const cache = path.join(temporary.folder, 'cache');
    const wanted = await environmentFor(cache, python, pins);
    await mkdir(path.join(wanted.folder, 'bin'), { recursive: true });
    await writeFile(path.join(wanted.folder, 'half'), '');
    expect(await isInstalled(wanted)).toBe(false);
    const lines: string[] = [];
    const [one, two] = await Promise.all([
      installedEnvironment(cache, python, (line) => lines.push(line), pins),
      installedEnvironment(cache, python, () => undefined, pins),
    ]);
    expect(one.folder).toBe(two.folder);
    expect(await isInstalled(one)).toBe(true);
    expect(existsSync(path.join(wanted.folder, 'half'))).toBe(false);
    expect(await readdir(cache)).toEqual([path.basename(one.folder)]);
    expect(lines).toContain('Downloading dnspython (1 of 1)');
    expect(lines.at(-1)).toContain('is installed');
  });

  it('is given up at a signal: pip ends, and nothing is left of it, here or in the folder for temporary files', async () => {
    await using temporary = await temporaryFolder();
    await using index = await silentIndex();
    const pins = await pinsIn(temporary.folder, `${WHEEL} ${SOURCE}\n`);
    const [cache, others] = [path.join(temporary.folder, 'cache'), path.join(temporary.folder, 'tmp')];
    await mkdir(others);
    vi.stubEnv('PIP_INDEX_URL', index.url);
    vi.stubEnv('TMPDIR', others);
    const given = new AbortController();
    const failed = rejection(installedEnvironment(cache, python, () => undefined, pins, given.signal));
    const pip = await index.asked;
    expect(await readdir(others)).toEqual([]);
    given.abort();
    expect((await failed).error).toBe(given.signal.reason);
    await pip.ended;
    expect(await readdir(cache)).toEqual([]);
    expect(await readdir(others)).toEqual([]);
  });

  it('says which setting to change where its folder cannot be made', async () => {
    await using temporary = await temporaryFolder();
    const file = path.join(temporary.folder, 'file');
    await writeFile(file, '');
    const { error } = await rejection(installedEnvironment(path.join(file, 'cache'), python, () => undefined, await pinsIn(temporary.folder, `${WHEEL} ${SOURCE}\n`)));
    expect(error).toBeInstanceOf(NoEmbeddedDatabaseError);
    expect((error as NoEmbeddedDatabaseError).remedy).toContain('TASKTRACKER_CACHE_DIR');
  });

  it('refuses a package whose hash is another, and leaves nothing behind', async () => {
    await using temporary = await temporaryFolder();
    const pins = await pinsIn(temporary.folder, `dnspython==2.9.2 --hash=sha256:${'0'.repeat(64)}\n`);
    const cache = path.join(temporary.folder, 'cache');
    const { error } = await rejection(installedEnvironment(cache, python, () => undefined, pins));
    expect(error).toBeInstanceOf(NoEmbeddedDatabaseError);
    expect(error.message).toMatch(/hash/i);
    expect((error as NoEmbeddedDatabaseError).remedy).toContain('MONGODB_URI');
    expect(await readdir(cache)).toEqual([]);
  });
});
