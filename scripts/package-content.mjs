/** What the package may hold, and what it has to. */
import { existsSync } from 'node:fs';
import path from 'node:path';

const ALLOWED = [
  /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md|schema\.graphql)$/,
  /^docs\/[a-z-]+\.md$/,
  /^dist\/.+\.(?:js|d\.ts)$/,
  // The launcher of the embedded database, with its licence notice and what pip is to install.
  /^dist\/database\/embedded\/(?:launcher\/[a-z_]+\.py|launcher\/NOTE\.txt|requirements\.txt)$/,
  /^dist\/dashboard\/(?:index\.html|manifest\.json|documents\.json|assets\/[\w-]+\.(?:js|css|svg|woff2|png)(?:\.br|\.gz)?)$/,
];

const REQUIRED = [
  'LICENSE',
  'README.md',
  'SECURITY.md',
  'schema.graphql',
  'dist/cli.js',
  'dist/index.js',
  'dist/index.d.ts',
  'dist/client/index.js',
  'dist/dashboard/index.html',
  'dist/dashboard/documents.json',
  'dist/database/embedded/launcher/launcher.py',
  'dist/database/embedded/requirements.txt',
];

/** Bytes, packed. Twice what it was when this was written. */
const LARGEST = 3_000_000;

/** The source that a built file comes from, where it is one of ours. */
function sourceOf(file) {
  const found = /^dist\/(?!dashboard\/)(.+?)(?:\.d\.ts|\.js)$/.exec(file);
  return found === null ? null : `src/${found[1]}.ts`;
}

/**
 * @param packed one entry of the answer of `npm pack --json`
 * @param root folder of the project
 * @returns what is wrong with the content, a sentence each; none where it is as it should be
 */
export function problemsOfPackage(packed, root) {
  const files = packed.files.map((file) => file.path);
  const problems = [];
  for (const file of files) {
    const source = sourceOf(file);
    if (!ALLOWED.some((pattern) => pattern.test(file))) problems.push(`${file} does not belong in the package.`);
    else if (source !== null && !['', 'x'].some((end) => existsSync(path.join(root, source + end)))) problems.push(`${file} is left over: ${source} is not there.`);
  }
  for (const file of REQUIRED) if (!files.includes(file)) problems.push(`${file} is missing.`);
  if (packed.size > LARGEST) problems.push(`The package has ${packed.size} bytes, more than ${LARGEST}.`);
  return problems;
}
