import { Writable } from 'node:stream';

import { pino, type Logger } from 'pino';

export interface LogLines {
  readonly log: Logger;
  readonly lines: readonly Record<string, unknown>[];
}

/** A logger whose lines can be read. */
export function logLines(): LogLines {
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(line: Buffer, _encoding, done) {
      lines.push(JSON.parse(String(line)) as Record<string, unknown>);
      done();
    },
  });
  return { log: pino({ level: 'info' }, sink), lines };
}
