import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

const SCRIPT = path.resolve(import.meta.dirname, 'stand-in-mongod.mjs');

/** Writes a program called mongod into the folder; there is no real one on most machines that run the tests. */
export async function standInMongod(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, 'mongod');
  await writeFile(file, `#!/bin/sh\nexec "${process.execPath}" "${SCRIPT}" "$@"\n`, { mode: 0o755 });
  return file;
}
