import { type Logger, pino } from 'pino';

import { type Config, secretValues } from '../config.js';
import { Secrets } from './secrets.js';
import type { StatusLine } from './status-line.js';

/**
 * The process's log, on stderr: stdout belongs to what a command answers. Written at once, so that the last lines before
 * an exit are never lost. Nothing secret is to be logged in the first place; what is all the same, in the message of some
 * library's error perhaps, is taken out of the finished line.
 *
 * @param secrets what more than the settings is secret may still be added after
 * @param status the line that the terminal behind stderr ends with, if any: the log is written above it
 */
export async function createLogger(
  config: Pick<Config, 'logLevel' | 'logFormat'>,
  secrets = new Secrets(secretValues()),
  status: StatusLine | null = null,
): Promise<Logger> {
  const options = { level: config.logLevel, hooks: { streamWrite: (line: string) => secrets.scrub(line) } };
  const pretty = config.logFormat === 'pretty' || (config.logFormat === 'auto' && process.stderr.isTTY);
  if (!pretty) return pino({ ...options, base: { pid: process.pid } }, status === null ? pino.destination({ dest: 2, sync: true }) : { write: (line: string) => status.above(line) });
  const { default: prettify, prettyFactory } = await import('pino-pretty');
  const style = { colorize: process.stderr.isTTY, ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l' };
  if (status === null) return pino(options, prettify({ ...style, destination: 2, sync: true }));
  const toText = prettyFactory(style);
  return pino(options, { write: (line: string) => status.above(toText(line)) });
}
