import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** The demonstration's temporary folder: the only place it writes to. */
export interface Workspace {
  readonly root: string;
  /** Where files appear that make trouble. */
  readonly incoming: string;
  /** Where workers put what they make. */
  readonly output: string;
  /** A list of paths in a file, for a worker. */
  writeList(name: string, paths: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

export async function createWorkspace(): Promise<Workspace> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'tasktracker-demo-'));
  const incoming = path.join(root, 'incoming');
  const output = path.join(root, 'output');
  await Promise.all([mkdir(incoming), mkdir(output)]);
  return {
    root,
    incoming,
    output,
    async writeList(name, paths) {
      const file = path.join(root, name);
      await writeFile(file, JSON.stringify(paths));
      return file;
    },
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 3 }),
  };
}
