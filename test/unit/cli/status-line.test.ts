import { pino } from 'pino';
import { describe, expect, it } from 'vitest';

import { progressBar, showStatisticsProgress } from '../../../src/cli/statistics-progress.js';
import { StatusLine } from '../../../src/cli/status-line.js';
import type { StatisticsStatus } from '../../../src/stats/types.js';

/** A terminal, and what it shows in the end, line by line. */
function terminal(columns = 80) {
  let lines = [''];
  let at = 0;
  return {
    columns,
    write(text: string) {
      for (const character of text) {
        if (character === '\r') at = 0;
        else if (character === '\n') {
          lines.push('');
          at = 0;
        } else {
          const last = lines.at(-1) ?? '';
          lines = [...lines.slice(0, -1), last.slice(0, at) + character + last.slice(at + 1)];
          at += 1;
        }
      }
    },
    shown: () => lines.map((line) => line.trimEnd()),
  };
}

describe('the last line of a terminal', () => {
  it('is written over, and what is logged goes above it', () => {
    const screen = terminal();
    const line = new StatusLine(screen);
    line.above('before\n');
    line.show('Statistics [####....] 50%');
    line.above('a log line, longer than the bar beneath it\nand another\n');
    line.show('Statistics [########]');
    line.above('x\n');
    expect(screen.shown()).toEqual(['before', 'a log line, longer than the bar beneath it', 'and another', 'x', 'Statistics [########]']);
    line.show('');
    line.above('after\n');
    expect(screen.shown()).toEqual(['before', 'a log line, longer than the bar beneath it', 'and another', 'x', 'after', '']);
  });

  it('never takes more than one line', () => {
    const screen = terminal(10);
    new StatusLine(screen).show('0123456789abcdef');
    expect(screen.shown()).toEqual(['012345678']);
  });
});

describe('the progress of the statistics', () => {
  const status = { state: 'BOOTSTRAPPING', scanned: 500, expected: 2_000, progress: 0.25 } as StatisticsStatus;

  async function* statuses(...all: StatisticsStatus[]): AsyncIterableIterator<StatisticsStatus> {
    for (const each of all) yield await Promise.resolve(each);
  }

  it('is a bar that goes when they are ready', async () => {
    expect(progressBar(status)).toBe('Statistics [######..................] 25%  500 of 2,000 tasks');
    const seen: string[] = [];
    await showStatisticsProgress({ watchStatus: () => statuses(status, { ...status, state: 'READY', progress: 1 }) }, { show: (text) => seen.push(text) }, pino({ level: 'silent' }));
    expect(seen).toEqual([progressBar(status), '', '']);
  });
});
