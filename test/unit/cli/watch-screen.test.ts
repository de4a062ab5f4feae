import { EventEmitter } from 'node:events';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { countsTable } from '../../../src/cli/watch/counts-table.js';
import { paintFor } from '../../../src/cli/watch/paint.js';
import { screenReporter } from '../../../src/cli/watch/reporter.js';
import { Screen, type TerminalOutput } from '../../../src/cli/watch/screen.js';
import type { QueueCounts } from '../../../src/cli/watch/summary.js';

const plain = paintFor(false);

function counts(queueName: string, fields: Partial<QueueCounts> = {}): QueueCounts {
  return { queueName, queued: 0, processing: 0, completed: 0, failed: 0, dlq: 0, archived: 0, total: 0, ...fields };
}

class FakeTerminal extends EventEmitter implements TerminalOutput {
  columns = 100;
  rows = 12;
  written: string[] = [];

  write(text: string): boolean {
    this.written.push(text);
    return true;
  }

  /** The lines of the last frame. */
  get frame(): string[] {
    const last = this.written.findLast((text) => text.startsWith('\u001b[H')) ?? '';
    return last.replaceAll('\u001b[K', '').replace('\u001b[H', '').replace('\u001b[J', '').split('\r\n');
  }

  get frames(): number {
    return this.written.filter((text) => text.startsWith('\u001b[H')).length;
  }
}

describe('the table of counts', () => {
  it('has a row for each queue, by name, with the numbers below their titles', () => {
    expect(countsTable([counts('post', { queued: 7, total: 7 }), counts('mail', { completed: 12_345, total: 12_345 })], { width: 100, rows: 10 }, plain)).toEqual([
      'queue  queued  processing  completed  failed  dlq  archived  total',
      'mail        0           0      12345       0    0         0  12345',
      'post        7           0          0       0    0         0      7',
    ]);
  });

  it.each([20, 30, 40, 60, 80, 200])('fits into %d columns: titles are left out, names are cut', (width) => {
    const lines = countsTable([counts('a_queue_with_a_rather_long_name_indeed', { queued: 1, total: 1 }), counts('b')], { width, rows: 10 }, plain);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(lines[1]).toMatch(/^a_queue/);
    if (width >= 30) expect(lines[0]).toContain('queued');
  });

  it('says how many queues it leaves out', () => {
    const many = Array.from({ length: 30 }, (_, n) => counts(`queue-${String(n).padStart(2, '0')}`));
    const lines = countsTable(many, { width: 80, rows: 5 }, plain);
    expect(lines).toHaveLength(6);
    expect(lines.at(-1)).toBe('… and 26 more queues');
  });

  it('lets the terminal obey no name', () => {
    expect(countsTable([counts('a\u001b[2J')], { width: 80, rows: 5 }, plain).join('')).not.toContain('\u001b');
  });
});

describe('the screen', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('takes the terminal, and gives it back as it was', () => {
    const terminal = new FakeTerminal();
    const screen = new Screen(terminal, plain);
    screen.open();
    expect(terminal.written[0]).toBe('\u001b[?1049h\u001b[?25l\u001b[?7l');
    screen.close();
    screen.close();
    expect(terminal.written.at(-1)).toBe('\u001b[?7h\u001b[?25h\u001b[?1049l');
    expect(terminal.written.filter((text) => text.includes('?1049l'))).toHaveLength(1);
    screen.addLine('late');
    vi.runAllTimers();
    expect(terminal.written.at(-1)).toContain('?1049l');
    expect(terminal.listenerCount('resize')).toBe(0);
  });

  it('shows the title, the counts and the last lines, as many as there is room for', () => {
    const terminal = new FakeTerminal();
    const screen = new Screen(terminal, plain);
    screen.open();
    screen.setTitle('title');
    for (let n = 0; n < 20; n += 1) screen.addLine(`line ${n}`);
    screen.setCounts([counts('mail')]);
    vi.runAllTimers();
    expect(terminal.frame).toEqual(['title', '', expect.stringMatching(/^queue/), expect.stringMatching(/^mail/), '', ...[13, 14, 15, 16, 17, 18, 19].map((n) => `line ${n}`)]);
    terminal.rows = 7;
    terminal.emit('resize');
    expect(terminal.frame).toHaveLength(7);
    expect(terminal.frame.at(-1)).toBe('line 19');
    screen.close();
  });

  it('is drawn at most four times a second, and in the end as it is', () => {
    const terminal = new FakeTerminal();
    const screen = new Screen(terminal, plain);
    screen.open();
    for (let n = 0; n < 100; n += 1) {
      screen.addLine(`line ${n}`);
      vi.advanceTimersByTime(10);
    }
    vi.runAllTimers();
    expect(terminal.frames).toBeGreaterThan(3);
    expect(terminal.frames).toBeLessThanOrEqual(6);
    expect(terminal.frame.at(-1)).toBe('line 99');
    screen.close();
  });

  it('keeps a bounded number of lines, and shows something where the size is not known', () => {
    const terminal = new FakeTerminal();
    terminal.columns = 0;
    terminal.rows = 0;
    const screen = new Screen(terminal, plain);
    screen.open();
    for (let n = 0; n < 5_000; n += 1) screen.addLine(`line ${n}`);
    vi.runAllTimers();
    expect(terminal.frame).toHaveLength(24);
    screen.close();
  });

  it('says in its title how the watch stands, in colours only where there are any', () => {
    for (const colours of [true, false]) {
      const terminal = new FakeTerminal();
      const reporter = screenReporter(terminal, 'http://h/graphql', colours);
      reporter.status({ state: 'stalled', since: new Date(0), reason: 'the database is away', failures: 0 });
      reporter.gap({ type: 'gap', cause: 'RESYNC_REQUIRED', cursor: 'c' });
      vi.runAllTimers();
      expect(terminal.frame[0]).toMatch(/TaskTracker\S* http:\/\/h\/graphql {2}\S*stalled\S* since \d\d:\d\d:\d\d\.000 {2}the database is away/);
      expect(terminal.frame.join('').includes('\u001b[')).toBe(colours);
      expect(terminal.frame.join('')).toContain('changes may have been missed (RESYNC_REQUIRED)');
      reporter.close();
    }
  });
});
