import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

export interface FoundFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** Found files, sorted by what can be done with them. */
export interface FoundFiles {
  readonly json: readonly FoundFile[];
  readonly other: readonly FoundFile[];
  /** Folders that hold at least one of the files. */
  readonly folders: readonly string[];
}

/** A folder of tens of thousands of files is sampled: a demonstration needs variety, not all of them. */
const MOST_FILES = 3_000;
const MOST_PER_TOP_FOLDER = 40;

/**
 * Regular files under a folder, in the order in which folders are read; links are not followed, unreadable folders are left out.
 * Stops at `limit` files.
 */
export async function walk(folder: string, limit: number): Promise<string[]> {
  const found: string[] = [];
  const waiting = [folder];
  while (waiting.length > 0 && found.length < limit) {
    const current = waiting.shift() as string;
    for (const entry of await entries(current)) {
      const full = path.join(current, entry.name);
      if (entry.isDirectory()) waiting.push(full);
      else if (entry.isFile() && found.length < limit) found.push(full);
    }
  }
  return found;
}

/** Samples the files of a folder: some of each of its folders, so that no large one crowds out the rest. */
export async function sampleFiles(folder: string): Promise<FoundFiles> {
  const top = await entries(folder);
  const paths = top.filter((entry) => entry.isFile()).map((entry) => path.join(folder, entry.name));
  for (const entry of shuffled(top.filter((candidate) => candidate.isDirectory()))) {
    if (paths.length >= MOST_FILES) break;
    paths.push(...(await walk(path.join(folder, entry.name), MOST_PER_TOP_FOLDER)));
  }
  const json: FoundFile[] = [];
  const other: FoundFile[] = [];
  for (const file of paths.slice(0, MOST_FILES)) {
    const size = await stat(file).then((found) => found.size, () => undefined);
    if (size === undefined) continue;
    (file.endsWith('.json') ? json : other).push({ path: file, size });
  }
  const folders = new Set([...json, ...other].map((file) => path.dirname(file.path)));
  return { json: shuffled(json), other: shuffled(other), folders: shuffled([...folders]) };
}

async function entries(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Fisher and Yates' shuffle, on a copy. */
export function shuffled<Item>(items: readonly Item[]): Item[] {
  const copy = [...items];
  for (let last = copy.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [copy[last], copy[other]] = [copy[other] as Item, copy[last] as Item];
  }
  return copy;
}
