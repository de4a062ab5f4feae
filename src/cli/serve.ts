import { setTimeout as delay } from 'node:timers/promises';

import { createTaskTracker } from '../app.js';
import { type Config, secretValues, unknownSettings, variableLookup } from '../config.js';
import { createLogger } from './logging.js';
import { Secrets } from './secrets.js';
import { untilStopped } from './signals.js';
import { showStatisticsProgress } from './statistics-progress.js';
import { StatusLine } from './status-line.js';

/**
 * `tasktracker serve`: up until SIGTERM, SIGINT or SIGHUP, and with `withParent` no longer than the process that started it.
 * Prints the database in use and, once everything answers, a line that says where, and another for the dashboard; the
 * log goes to stderr.
 */
export async function serve(config: Config, { withParent }: { readonly withParent: boolean }): Promise<void> {
  const secrets = new Secrets(secretValues());
  const status = process.stderr.isTTY ? new StatusLine(process.stderr) : null;
  const log = await createLogger(config, secrets, status);
  const lookup = variableLookup();
  // What the file of alert rules takes from the environment: addresses and keys of webhooks.
  const named = new Set<string>();
  const variable = (name: string): string | undefined => {
    named.add(name);
    const value = lookup(name);
    if (value !== undefined) secrets.add(value);
    return value;
  };
  // From the first moment: a signal during a long start-up (a download) must also end it in order.
  const stopped = untilStopped({ withParent });
  const given = new AbortController();
  const starting = createTaskTracker({ ...config, log, variable, signal: given.signal, onProgress: (line) => process.stderr.write(`${secrets.scrub(line)}\n`) });
  const warnOfUnknown = (): void => {
    for (const { variable: unknown, meant } of unknownSettings(undefined, named)) {
      log.warn({ variable: unknown }, `${unknown} is no setting of this version, and nothing reads it${meant === null ? '' : `: is ${meant} meant?`}`);
    }
  };
  // The file of alert rules has been read by then. Where the start fails it may be why.
  void starting.then(warnOfUnknown, warnOfUnknown);
  const first = await Promise.race([starting, stopped]);
  if (typeof first === 'string') {
    log.info({ reason: first }, 'stopped before it was up');
    given.abort();
    // What still starts ends with the process, an embedded database does too; what fails now was told to stop.
    const ended = starting.then(
      (app) => app.close(),
      (error: unknown) => log.debug({ err: error }, 'the start was given up'),
    );
    await Promise.race([ended, delay(config.shutdownTimeoutMs)]);
    return;
  }
  const app = first;
  let progress: Promise<void> | undefined;
  try {
    process.stdout.write(`Database: ${app.database.description}\n`);
    const url = await app.start();
    process.stdout.write(`TaskTracker ready at ${url}\n`);
    if (config.dashboard) process.stdout.write(`Dashboard at ${new URL('/', url).href}\n`);
    progress = showStatisticsProgress(app.services.statistics, status, log);
    log.info({ reason: await stopped }, 'stopping');
  } finally {
    await app.close();
    await progress;
  }
  log.info('stopped');
}
