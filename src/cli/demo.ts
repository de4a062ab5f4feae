import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Command, InvalidArgumentError } from 'commander';

interface DemoFlags {
  readonly files: string;
  readonly keep: number;
  readonly rate: number;
  readonly port?: number;
  readonly duration?: number;
}

const PROJECT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Adds `tasktracker demo`: an embedded database, the API, and three workers that work on real files. */
export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description('Run an embedded database, the API and three workers that do real work on files, until Ctrl-C. In a clone of the repository only.')
    .option('--files <folder>', 'folder whose files are worked on; it is only read', path.join(PROJECT, 'node_modules'))
    .option('--keep <count>', 'most executions that are kept; the oldest settled ones are deleted', number({ min: 100, max: 1_000_000 }), 5_000)
    .option('--rate <count>', 'new tasks per second', number({ min: 0.1, max: 50, fraction: true }), 6)
    .option('--port <port>', 'port of the API; 0 takes any free one', number({ min: 0, max: 65_535 }))
    .option('--duration <seconds>', 'end by itself so many seconds after it is up', number({ min: 1, max: 86_400 }))
    .action(async (flags: DemoFlags) => {
      const { loadConfig } = await import('../config.js');
      const { createLogger } = await import('./logging.js');
      const { runDemo } = await import('../demo/run-demo.js');
      const config = loadConfig();
      // Its own lines say what happens: of the log only what is wrong, unless more is asked for.
      const log = await createLogger({ ...config, logLevel: config.logLevel === 'info' ? 'warn' : config.logLevel });
      // The reader may go (a closed terminal): that must not cut the orderly end short.
      process.stdout.on('error', () => undefined);
      const { files, keep, rate, port, duration } = flags;
      const durationMs = duration === undefined ? undefined : duration * 1000;
      await runDemo(config, { filesFolder: path.resolve(files), keep, rate, port, durationMs, output: process.stdout }, log);
    });
}

/** A parser for commander: a number within the range, or a message that says what would be right. */
function number(range: { readonly min: number; readonly max: number; readonly fraction?: boolean }): (text: string) => number {
  return (text) => {
    const value = Number(text);
    const whole = range.fraction === true || Number.isInteger(value);
    if (text.trim() === '' || !Number.isFinite(value) || !whole || value < range.min || value > range.max) {
      throw new InvalidArgumentError(`It must be a ${range.fraction === true ? '' : 'whole '}number from ${range.min} to ${range.max}.`);
    }
    return value;
  };
}
