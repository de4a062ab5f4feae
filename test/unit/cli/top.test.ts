import { renderToString } from 'ink';
import { createElement } from 'react';
import { describe, expect, it } from 'vitest';

import { columnsOf } from '../../../src/cli/columns.js';
import type { Counts, Figures, QueueFigures } from '../../../src/cli/figures/queues.js';
import { shownSpan } from '../../../src/cli/figures/spans.js';
import { noteOfUnknown } from '../../../src/cli/figures/unknown-queues.js';
import { fitted, layout } from '../../../src/cli/top/layout.js';
import { afterEvent, afterKey, type Failure, initialState, queuesOf, type TopKey, type TopState } from '../../../src/cli/top/state.js';
import { Screen } from '../../../src/cli/top/view.js';

const NOW = Date.UTC(2026, 10, 24, 12);
const ago = (ms: number): string => new Date(NOW - ms).toISOString();

function counts(fields: Partial<Counts> = {}): Counts {
  const all = { queued: 0, processing: 0, completed: 0, failed: 0, dlq: 0, archived: 0, unknown: 0, ...fields };
  const total = all.queued + all.processing + all.completed + all.failed + all.dlq + all.archived + all.unknown;
  return { total, exact: true, source: 'STREAM', asOf: ago(1_000), ...all };
}

function queue(name: string, fields: Partial<QueueFigures> = {}): QueueFigures {
  return { name, counts: counts({ completed: 1 }), perMinute: { enqueued: 0, completed: 0, failed: 0 }, wait: null, run: null, oldestQueuedAt: null, stuckCount: 0, ...fields };
}

function figures(...queues: readonly QueueFigures[]): Figures {
  return { queues, statistics: { state: 'READY', progress: 1, reason: null }, feed: { state: 'LIVE', lagMs: 1, reason: null } };
}

function stateOf(...queues: readonly QueueFigures[]): TopState {
  const state = afterEvent(initialState('http://x/graphql'), { type: 'figures', figures: figures(...queues) });
  return afterEvent(state, { type: 'connected' });
}

function press(state: TopState, ...keys: readonly string[]): TopState {
  const names = new Set(['up', 'down', 'enter', 'escape', 'backspace']);
  return keys.reduce((before, key) => {
    const next = afterKey(before, (names.has(key) ? { name: key } : { text: key }) as TopKey);
    if (next === null) throw new Error(`${key} ends it`);
    return next;
  }, state);
}

const names = (state: TopState): string[] => queuesOf(state).map(({ name }) => name);
const screen = (state: TopState, columns = 120, rows = 20): string[] => layout(state, { columns, rows }, NOW).map(({ text }) => text);

const FAILURE: Failure = { executionId: 'e1', taskId: 'jobs:1', queueName: 'jobs', status: 'DLQ', retryCount: 2, errorMessage: 'no route\nto host', failedAt: ago(65_000) };

describe('the queues of top', () => {
  it('take counts that come after the figures, and drop those that figures have overtaken', () => {
    const state = stateOf(queue('jobs', { counts: counts({ queued: 1 }), oldestQueuedAt: ago(5_000), stuckCount: 1 }));
    const pushed = afterEvent(state, { type: 'counts', name: 'jobs', counts: counts({ completed: 2, asOf: ago(0) }) });
    expect(queuesOf(pushed)[0]).toMatchObject({ counts: { completed: 2 }, oldestQueuedAt: null, stuckCount: 0 });
    const asked = afterEvent(pushed, { type: 'figures', figures: figures(queue('jobs', { counts: counts({ completed: 3, asOf: ago(-1) }) })) });
    expect(queuesOf(asked)[0]?.counts.completed).toBe(3);
  });

  it('come when they get their first execution and go with their last', () => {
    const state = afterEvent(stateOf(queue('old')), { type: 'counts', name: 'new', counts: counts({ queued: 1 }) });
    expect(names(state)).toEqual(['new', 'old']);
    expect(names(afterEvent(state, { type: 'counts', name: 'old', counts: counts() }))).toEqual(['new']);
  });

  it('are ordered by any column, the largest first, what is unknown last, and the other way round', () => {
    const latency = (p95: number) => ({ count: 1, p50: p95, p95, p99: p95, max: p95 });
    let state = stateOf(queue('q10'), queue('q9', { wait: latency(5) }), queue('q1', { wait: latency(50) }));
    expect(names(state)).toEqual(['q1', 'q9', 'q10']);
    while (state.sort !== 'wait') state = press(state, 's');
    expect(names(state)).toEqual(['q1', 'q9', 'q10']);
    expect(names(press(state, 'r'))).toEqual(['q9', 'q1', 'q10']);
  });

  it('are filtered by what is typed, letters that are commands among it', () => {
    const typing = press(stateOf(queue('jobs'), queue('mails'), queue('query')), '/', 'q');
    expect(names(typing)).toEqual(['query']);
    expect(names(press(typing, 'backspace', 'J', 'enter'))).toEqual(['jobs']);
    expect(names(press(typing, 'escape'))).toEqual(['jobs', 'mails', 'query']);
  });

  it('are selected by keys, and Enter shows the failures of one', () => {
    const state = stateOf(queue('a'), queue('b'));
    expect(press(state, 'j', 'j', 'j').selected).toBe('b');
    expect(press(state, 'up').selected).toBe('b');
    expect(press(state, 'down', 'enter').failuresOf).toBe('a');
    expect(press(state, 'down', 'enter', 'enter').failuresOf).toBeNull();
    expect(press(state, 'down', 'enter', 'escape')).toMatchObject({ failuresOf: null, selected: null });
  });

  it('are left with q and Ctrl-C, but not while a name is typed', () => {
    const state = stateOf(queue('a'));
    expect(afterKey(state, { text: 'q' })).toBeNull();
    expect(afterKey(press(state, '/'), { text: 'q' })).not.toBeNull();
    expect(afterKey(press(state, '/'), { name: 'quit' })).toBeNull();
  });
});

describe('the screen of top', () => {
  it('has a row for each queue, and the newest failures below', () => {
    const state = { ...stateOf(queue('jobs', { counts: counts({ queued: 12, dlq: 3 }), oldestQueuedAt: ago(125_000), perMinute: { enqueued: 2.4, completed: 120.6, failed: 0 } })), failures: [FAILURE] };
    const [title, totals, head, row, , failuresHead, failure] = screen(state);
    expect(title).toMatch(/^tasktracker top {2}http:\/\/x\/graphql {2}LIVE +$/);
    expect(totals).toContain('1 queues: 12 queued, 0 processing, 0 completed, 0 failed, 3 dlq, 0 archived');
    expect(head?.split(/ +/)).toEqual(['QUEUEv', 'QUEUED', 'RUN', 'DONE', 'FAILED', 'DLQ', 'ARCH', 'IN/MIN', 'DONE/MIN', 'FAIL/MIN', 'WAIT95', 'RUN95', 'OLDEST', 'STUCK']);
    expect(row?.split(/ +/)).toEqual(['jobs', '12', '0', '0', '0', '3', '0', '2.4', '121', '0', '–', '–', '2m05s', '0']);
    expect(failuresHead).toContain('FAILURES of all queues');
    expect(failure).toMatch(/1m05s {2}DLQ {5}#3 {3}jobs:1 +no route\ufffdto host/);
  });

  it.each([
    [80, 24],
    [40, 8],
    [200, 60],
  ])('fits %i columns and %i rows with 200 queues and long names, the selected one in sight', (columns, rows) => {
    const many = Array.from({ length: 200 }, (_, index) => queue(`tenant_${index}.${'long_'.repeat(20)}`));
    const state: TopState = { ...stateOf(...many), failures: Array.from({ length: 100 }, () => FAILURE) };
    const last = press(state, 'up');
    const lines = layout(last, { columns, rows }, NOW);
    expect(lines.length).toBeLessThanOrEqual(rows);
    expect(lines.every(({ text }) => [...text].length === columns)).toBe(true);
    expect(lines.find(({ tone }) => tone === 'selected')?.text).toContain('tenant_199');
  });

  it('says that what it shows is old once the connection is lost, and since when', () => {
    const state = afterEvent(stateOf(queue('jobs')), { type: 'lost', reason: 'gone', at: NOW - 3_000 });
    const again = afterEvent(state, { type: 'lost', reason: 'refused', at: NOW });
    expect(layout(again, { columns: 120, rows: 20 }, NOW)[0]).toEqual({ text: expect.stringContaining('NOT CONNECTED for 3.0s, what is shown is old: refused') as unknown, tone: 'warning' });
    expect(layout(again, { columns: 120, rows: 20 }, NOW)[3]).toMatchObject({ text: expect.stringContaining('jobs') as unknown, tone: 'dim' });
    expect(screen(again, 80)[0]).toContain('what is shown is old');
    expect(screen(afterEvent(again, { type: 'connected' }))[0]).toContain('LIVE');
  });

  it('says so where the server has no new figures, until it has', () => {
    const state = afterEvent(stateOf(queue('jobs')), { type: 'trouble', reason: 'The database cannot be reached at the moment.' });
    expect(screen(state)[0]).toContain('NO NEW FIGURES: The database cannot be reached');
    expect(screen(afterEvent(state, { type: 'figures', figures: figures(queue('jobs')) }))[0]).toContain('LIVE');
  });

  it('says so where the feed is behind, and why', () => {
    const state = afterEvent(stateOf(queue('jobs')), { type: 'feed', feed: { state: 'RECONNECTING', lagMs: null, reason: 'no primary' } });
    expect(layout(state, { columns: 120, rows: 20 }, NOW)[0]).toMatchObject({ tone: 'warning', text: expect.stringContaining('RECONNECTING (no primary)') as unknown });
  });

  it('is drawn line by line, a selected row marked where there are no colours', () => {
    const lines = layout(press(stateOf(queue('a'), queue('b')), 'j'), { columns: 80, rows: 10 }, NOW);
    const drawn = renderToString(createElement(Screen, { lines, colours: false, onKey: () => undefined }), { columns: 80 });
    expect(drawn.split('\n').find((line) => line.startsWith('>'))).toMatch(/^>a /);
  });
});

it.each([
  [null, '–'],
  [0, '0ms'],
  [999.6, '1.0s'],
  [1_449, '1.4s'],
  [59_400, '59s'],
  [185_000, '3m05s'],
  [3_600_000, '1h'],
  [7_800_000, '2h10m'],
  [4.5 * 86_400_000, '4d'],
])('a span of %s ms is shown as %s', (ms, shown) => {
  expect(shownSpan(ms)).toBe(shown);
});

it('a text is cut to its width, control characters and all', () => {
  expect(fitted('a\u001b[31mb', 4)).toBe('a\ufffd[…');
  expect(fitted('ab', 4, 'right')).toBe('  ab');
  expect(fitted('ab', 0)).toBe('');
});

it('gives wide characters the two columns that terminals draw them in, and those that are drawn over others none', () => {
  expect(columnsOf('注文キュー')).toBe(10);
  expect(columnsOf('ｆｕｌｌ')).toBe(8);
  expect(columnsOf('주문')).toBe(4);
  expect(columnsOf('📦')).toBe(2);
  expect(columnsOf('👩‍👩‍👧')).toBe(2);
  expect(columnsOf('e\u0301té')).toBe(3);
  expect(columnsOf('Größe–…')).toBe(7);
  expect(fitted('注文', 6)).toBe('注文  ');
  expect(fitted('注文', 6, 'right')).toBe('  注文');
  expect(fitted('注文キュー', 6)).toBe('注文… ');
  expect(fitted('a注文キュー', 6)).toBe('a注文…');
  for (const line of screen(stateOf(queue('注文'), queue('jobs'), queue('📦'.repeat(30))), 80)) expect(columnsOf(line)).toBe(80);
});

it('says that a queue which was asked for does not exist', () => {
  const state = afterEvent(initialState('http://h'), { type: 'figures', figures: figures(), note: noteOfUnknown(['typo'], ['jobs']) });
  expect(screen(state)[1]).toContain('no queue is named "typo" yet: there are "jobs"');
  expect(noteOfUnknown(['jobs'], ['jobs'])).toBeNull();
  expect(noteOfUnknown([], [])).toBeNull();
  expect(noteOfUnknown(['a', 'b'], [])).toBe('no queue is named "a" or "b" yet: there are no queues');
  expect(noteOfUnknown(['x'], Array.from({ length: 12 }, (_, n) => `q${n}`))).toContain('"q9" and 2 more');
});
