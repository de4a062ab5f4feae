/**
 * Compiles src/ to dist/, copies what tsc does not carry (the Python launcher and its requirements), and builds the
 * dashboard. Incremental: nothing changed, nothing compiled. With --from-scratch (before packing) nothing of an earlier
 * build is left: the compiler does not remove what it made of files that have gone.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { buildDashboard } from './build-dashboard.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
if (process.argv.includes('--from-scratch')) rmSync(path.join(root, 'dist'), { recursive: true, force: true });
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const compiled = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
if (compiled.status !== 0) process.exit(compiled.status ?? 1);

const copied = /\.(py|txt|html|css)$/;
const copyAssets = (from, to) => {
  for (const name of readdirSync(from)) {
    const source = path.join(from, name);
    if (statSync(source).isDirectory()) copyAssets(source, path.join(to, name));
    else if (copied.test(name)) cpSync(source, path.join(to, name));
  }
};
copyAssets(path.join(root, 'src'), path.join(root, 'dist'));
const cli = path.join(root, 'dist', 'cli.js');
if (existsSync(cli)) chmodSync(cli, 0o755);

await buildDashboard();
