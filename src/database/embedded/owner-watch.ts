import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * Stops a server that does not watch its owner itself, when this process ends, kill -9 included.
 * The watcher is mongodb-memory-server-core's: a small process that looks every 2 s whether both are alive.
 */
export function endWithOwner(serverPid: number): void {
  const manifest = createRequire(import.meta.url).resolve('mongodb-memory-server-core/package.json');
  const script = path.join(path.dirname(manifest), 'scripts', 'mongo_killer.js');
  const watcher = spawn(process.execPath, [script, String(process.pid), String(serverPid)], {
    stdio: 'ignore',
    detached: true,
    windowsHide: true,
  });
  watcher.on('error', () => undefined);
  watcher.unref();
}
