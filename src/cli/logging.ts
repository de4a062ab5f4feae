import { type Logger, pino } from 'pino';

import type { Config } from '../config.js';

/**
 * The process's log, on stderr: stdout belongs to what a command answers. Written at once, so that the last lines before
 * an exit are never lost.
 */
export async function createLogger(config: Pick<Config, 'logLevel' | 'logFormat'>): Promise<Logger> {
  const options = { level: config.logLevel };
  const pretty = config.logFormat === 'pretty' || (config.logFormat === 'auto' && process.stderr.isTTY);
  if (!pretty) return pino({ ...options, base: { pid: process.pid } }, pino.destination({ dest: 2, sync: true }));
  const { default: prettify } = await import('pino-pretty');
  return pino(options, prettify({ destination: 2, sync: true, colorize: process.stderr.isTTY, ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l' }));
}
