import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { findPython, noPython } from '../../../src/database/embedded/python.js';

/** Commands that answer as an interpreter of some version would. */
describe.runIf(process.platform !== 'win32')('findPython', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'tasktracker-python-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  const command = async (name: string, script: string) => {
    await writeFile(path.join(folder, name), `#!/bin/sh\n${script}\n`);
    await chmod(path.join(folder, name), 0o755);
  };

  it('takes the newest version there are wheels for', async () => {
    await command('python3', 'echo 3 11 1');
    await command('python3.12', 'echo 3 12 1');
    const { python } = await findPython(folder);
    expect(python).toEqual({ command: path.join(folder, 'python3.12'), version: '3.12' });
  });

  it("passes over a version manager's stub that runs nothing", async () => {
    await command('python3.13', 'echo "command not found" >&2; exit 127');
    await command('python3', 'echo 3 11 1');
    const { python } = await findPython(folder);
    expect(python?.version).toBe('3.11');
  });

  it('says which versions were found where none will do', async () => {
    await command('python3', 'echo 3 9 1');
    const search = await findPython(folder);
    expect(search.python).toBeUndefined();
    const error = noPython(search);
    expect(error.message).toContain('is 3.9');
    expect(error.remedy).toContain('Install Python 3.11 to 3.13');
    expect(error.remedy).toContain('MONGODB_URI');
  });

  it('names the package to install where the venv module was split off', async () => {
    await command('python3', 'echo 3 11 0');
    expect(noPython(await findPython(folder)).remedy).toContain('python3-venv');
  });

  it('finds nothing in an empty folder', async () => {
    const search = await findPython(folder);
    expect(search).toEqual({ python: undefined, rejected: [] });
    expect(noPython(search).message).toContain('none was found on PATH');
  });
});
