import path from 'node:path';

/**
 * What to run for a program's name: one candidate for each folder of the given path, or the bare name, which the system
 * looks up on this process's own PATH.
 */
export function commandsNamed(name: string, searchPath: string | undefined): string[] {
  if (searchPath === undefined) return [name];
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return searchPath
    .split(path.delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => path.join(folder, name + suffix));
}
