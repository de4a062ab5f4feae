import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

import { dashboardDocuments } from './dashboard-documents.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const source = path.join(root, 'dashboard');
const target = path.join(root, 'dist', 'dashboard');
const stamp = path.join(target, '.stamp');

function* filesIn(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(file);
    else yield file;
  }
}

/** Changes with everything that the result depends on: sources, what they import of the client, installed packages. */
function fingerprint() {
  const hash = createHash('sha256').update(process.version);
  const files = [...filesIn(source), ...filesIn(path.join(root, 'src', 'client')), path.join(root, 'package-lock.json'), fileURLToPath(import.meta.url), path.join(root, 'scripts', 'dashboard-documents.mjs')];
  for (const file of files) hash.update(path.relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

/** Beside each file the same one compressed, where that makes it smaller. */
function compress(folder) {
  for (const file of [...filesIn(folder)]) {
    if (!/\.(js|css|svg)$/.test(file)) continue;
    const plain = readFileSync(file);
    const br = brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 10, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } });
    const gzip = gzipSync(plain, { level: 9 });
    if (br.length < plain.length) writeFileSync(`${file}.br`, br);
    if (gzip.length < plain.length) writeFileSync(`${file}.gz`, gzip);
  }
}

/** Builds dashboard/ into dist/dashboard; does nothing where it is there already and nothing has changed since. */
export async function buildDashboard() {
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  const { build } = await import('vite');
  // Whole or not at all, also where two builds run at once.
  const fresh = `${target}.${process.pid}`;
  try {
    await build({ configFile: path.join(source, 'vite.config.ts'), logLevel: 'warn', build: { outDir: fresh } });
    compress(fresh);
    const modules = [...filesIn(path.join(source, 'src'))].filter((file) => /\.tsx?$/.test(file));
    writeFileSync(path.join(fresh, 'documents.json'), JSON.stringify(dashboardDocuments(modules.map((file) => [path.relative(root, file), readFileSync(file, 'utf8')])), null, 1));
    writeFileSync(path.join(fresh, '.stamp'), wanted);
    rmSync(target, { recursive: true, force: true });
    renameSync(fresh, target);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
