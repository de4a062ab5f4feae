/**
 * Packs the project as `npm publish` would, which builds it from scratch, looks at what is in it, unpacks it where no source
 * lies beside it, and starts it there with the dependencies that are installed here: what is missing from the package shows
 * now and not at a user's.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { problemsOfPackage } from './package-content.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(path.join(tmpdir(), 'tasktracker-package-'));

function run(command, args, cwd) {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.stderr || done.error}`);
  return done.stdout;
}

/** What a program that has installed the package gets of the client. */
const CLIENT = `
  const { TaskFold, watchTasks } = await import('tasktracker/client');
  const [url] = process.argv.slice(1);
  const fold = new TaskFold();
  for await (const item of watchTasks({ url, retryAttempts: 0 })) {
    fold.apply(item);
    if (item.type !== 'list' || fold.tasks.size !== 0) throw new Error(JSON.stringify(item));
    break;
  }
  console.log('watched');
`;

async function watch(installed, url) {
  const client = spawn(process.execPath, ['--input-type=module', '--eval', CLIENT, url], { cwd: installed, stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  client.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  const code = await new Promise((resolve) => client.once('exit', (exitCode, signal) => resolve(exitCode ?? signal)));
  if (code !== 0 || printed !== 'watched\n') throw new Error(`the client of the package ended with ${code}; it printed: ${printed}`);
}

async function boot(packageRoot, installed) {
  const server = spawn(process.execPath, [path.join(packageRoot, 'dist/cli.js'), 'serve'], {
    cwd: folder,
    env: {
      ...process.env,
      PORT: '0',
      LOG_LEVEL: 'warn',
      TASKTRACKER_DATA_DIR: path.join(folder, 'data'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => server.once('exit', (code, signal) => resolve(code ?? signal)));
  let printed = '';
  const url = await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`not ready within 60 s; it printed: ${printed}`)), 60_000);
    exited.then((code) => reject(new Error(`it ended with ${code} before it was ready; it printed: ${printed}`)));
    server.stdout.on('data', (chunk) => {
      printed += chunk;
      const ready = /TaskTracker ready at (\S+)/.exec(printed);
      if (!ready) return;
      clearTimeout(late);
      resolve(ready[1]);
    });
  });
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ feed { state } tasks { totalCount } }' }),
  });
  const body = await answer.json();
  if (body.data?.feed?.state !== 'LIVE' || body.data.tasks.totalCount !== 0) throw new Error(JSON.stringify(body));
  await watch(installed, url);
  server.kill('SIGTERM');
  const code = await exited;
  if (code !== 0) throw new Error(`it ended with ${code} on SIGTERM`);
  return url;
}

try {
  // What the build prints comes before.
  const answer = run('npm', ['pack', '--json', '--pack-destination', folder], root);
  const [packed] = JSON.parse(answer.slice(answer.search(/^\[$/m)));
  const problems = problemsOfPackage(packed, root);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  run('tar', ['-xzf', path.join(folder, packed.filename), '-C', folder], folder);
  const packageRoot = path.join(folder, 'package');
  symlinkSync(path.join(root, 'node_modules'), path.join(packageRoot, 'node_modules'));
  const sdl = run(process.execPath, [path.join(packageRoot, 'dist/cli.js'), 'schema'], folder);
  if (!sdl.includes('type TaskTracker')) throw new Error('`tasktracker schema` printed no schema');
  const demo = spawnSync(process.execPath, [path.join(packageRoot, 'dist/cli.js'), 'demo'], { cwd: folder, encoding: 'utf8' });
  if (demo.status !== 1 || !demo.stderr.includes('Clone the repository')) throw new Error(`\`tasktracker demo\` ended with ${demo.status}: ${demo.stderr}`);
  // Where the package is installed under its name, as at a user's.
  const installed = path.join(folder, 'user');
  mkdirSync(path.join(installed, 'node_modules'), { recursive: true });
  symlinkSync(packageRoot, path.join(installed, 'node_modules', 'tasktracker'));
  const url = await boot(packageRoot, installed);
  console.log(`${packed.filename} (${packed.entryCount} files, ${Math.round(packed.size / 1024)} KiB) booted, answered at ${url}, was watched, and stopped`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
