import type { Counts, Figures, QueueFigures } from '../figures/queues.js';
import { ageOf } from '../figures/spans.js';

/** A failure in the list below the queues. */
export interface Failure {
  readonly executionId: string;
  readonly taskId: string;
  readonly queueName: string;
  readonly status: string;
  readonly retryCount: number;
  readonly errorMessage: string | null;
  /** ISO instant. */
  readonly failedAt: string | null;
}

export const SORT_COLUMNS = ['queue', 'queued', 'processing', 'completed', 'failed', 'dlq', 'archived', 'in/min', 'done/min', 'fail/min', 'wait', 'run', 'oldest', 'stuck'] as const;
export type SortColumn = (typeof SORT_COLUMNS)[number];

/** All that the screen is drawn from. */
export interface TopState {
  readonly url: string;
  /** Null while it is connected; else since when it is not, in ms of Unix time, and why. */
  readonly lost: { readonly since: number; readonly reason: string } | null;
  readonly figures: Figures | null;
  /** Why the server could not give figures when it was last asked; null where it could. */
  readonly trouble: string | null;
  /** What is to be said of the queues that were asked for: some do not exist. */
  readonly note: string | null;
  /** Counts that came after the figures. */
  readonly counts: ReadonlyMap<string, Counts>;
  readonly failures: readonly Failure[];
  readonly sort: SortColumn;
  readonly reverse: boolean;
  readonly filter: string;
  /** Whether keys go into the filter. */
  readonly typing: boolean;
  readonly selected: string | null;
  /** The queue whose failures are shown; null: all. */
  readonly failuresOf: string | null;
  readonly help: boolean;
}

export function initialState(url: string): TopState {
  return { url, lost: null, figures: null, note: null, trouble: null, counts: new Map(), failures: [], sort: 'queue', reverse: false, filter: '', typing: false, selected: null, failuresOf: null, help: false };
}

const BY_NAME = new Intl.Collator('en', { numeric: true });

/** What a queue is ordered by, the largest first; null goes last. */
function keyOf({ counts, perMinute, wait, run, oldestQueuedAt, stuckCount }: QueueFigures, column: Exclude<SortColumn, 'queue'>): number | null {
  switch (column) {
    case 'in/min':
      return perMinute.enqueued;
    case 'done/min':
      return perMinute.completed;
    case 'fail/min':
      return perMinute.failed;
    case 'wait':
      return wait?.p95 ?? null;
    case 'run':
      return run?.p95 ?? null;
    case 'oldest':
      return ageOf(oldestQueuedAt, Date.now());
    case 'stuck':
      return stuckCount;
    default:
      return counts[column];
  }
}

const NO_FIGURES = { perMinute: { enqueued: 0, completed: 0, failed: 0 }, wait: null, run: null, oldestQueuedAt: null, stuckCount: 0 } as const;

/** The queues as they are shown: with the latest counts, filtered and in order. A queue without executions is none. */
export function queuesOf({ figures, counts, filter, sort, reverse }: TopState): readonly QueueFigures[] {
  const known = new Map((figures?.queues ?? []).map((queue) => [queue.name, queue]));
  const names = new Set([...known.keys(), ...counts.keys()]);
  const wanted = filter.toLowerCase();
  const queues: QueueFigures[] = [];
  for (const name of names) {
    const asked = known.get(name);
    const latest = counts.get(name) ?? asked?.counts;
    if (latest === undefined || latest.total === 0 || !name.toLowerCase().includes(wanted)) continue;
    // A figure that was asked a moment before the counts must not contradict them.
    const oldestQueuedAt = latest.queued === 0 ? null : (asked?.oldestQueuedAt ?? null);
    queues.push({ ...NO_FIGURES, ...asked, name, counts: latest, oldestQueuedAt, stuckCount: Math.min(latest.processing, asked?.stuckCount ?? 0) });
  }
  const sign = reverse ? -1 : 1;
  const byName = (a: QueueFigures, b: QueueFigures): number => BY_NAME.compare(a.name, b.name);
  if (sort === 'queue') return queues.sort((a, b) => sign * byName(a, b));
  return queues.sort((a, b) => {
    const [x, y] = [keyOf(a, sort), keyOf(b, sort)];
    if (x === y) return byName(a, b);
    if (x === null) return 1;
    if (y === null) return -1;
    return sign * (y - x);
  });
}

/** What happened outside: told by the server, or of the connection to it. */
export type TopEvent =
  | { readonly type: 'figures'; readonly figures: Figures; readonly note?: string | null }
  | { readonly type: 'counts'; readonly name: string; readonly counts: Counts }
  | { readonly type: 'failures'; readonly failures: readonly Failure[] }
  | { readonly type: 'feed'; readonly feed: Figures['feed'] }
  | { readonly type: 'statistics'; readonly statistics: Figures['statistics'] }
  | { readonly type: 'trouble'; readonly reason: string }
  | { readonly type: 'connected' }
  | { readonly type: 'lost'; readonly reason: string; readonly at: number };

export function afterEvent(state: TopState, event: TopEvent): TopState {
  switch (event.type) {
    case 'figures': {
      // Counts that are older than what was asked now say nothing more.
      const counts = new Map([...state.counts].filter(([name, { asOf }]) => asOf > (event.figures.queues.find((queue) => queue.name === name)?.counts.asOf ?? '')));
      return { ...state, figures: event.figures, note: event.note ?? null, trouble: null, counts };
    }
    case 'counts':
      return { ...state, counts: new Map(state.counts).set(event.name, event.counts) };
    case 'failures':
      return { ...state, failures: event.failures };
    case 'feed':
      return state.figures === null ? state : { ...state, figures: { ...state.figures, feed: event.feed } };
    case 'statistics':
      return state.figures === null ? state : { ...state, figures: { ...state.figures, statistics: event.statistics } };
    case 'trouble':
      return { ...state, trouble: event.reason };
    case 'connected':
      return { ...state, lost: null };
    case 'lost':
      return { ...state, lost: { since: state.lost?.since ?? event.at, reason: event.reason } };
  }
}

/** A key: its character, or its name where it has none. */
export type TopKey = { readonly text: string } | { readonly name: 'up' | 'down' | 'enter' | 'escape' | 'backspace' | 'quit' };

function moved(state: TopState, by: number): TopState {
  const names = queuesOf(state).map(({ name }) => name);
  if (names.length === 0) return state;
  const at = state.selected === null ? -1 : names.indexOf(state.selected);
  const next = at === -1 ? (by > 0 ? 0 : names.length - 1) : Math.min(names.length - 1, Math.max(0, at + by));
  return { ...state, selected: names[next] ?? null };
}

function typed(state: TopState, key: TopKey): TopState {
  if ('text' in key) return { ...state, filter: state.filter + key.text };
  if (key.name === 'backspace') return { ...state, filter: state.filter.slice(0, -1) };
  if (key.name === 'enter') return { ...state, typing: false };
  if (key.name === 'escape') return { ...state, typing: false, filter: '' };
  return moved(state, key.name === 'up' ? -1 : 1);
}

/** @returns null where the key ends the program */
export function afterKey(state: TopState, key: TopKey): TopState | null {
  if ('name' in key && key.name === 'quit') return null;
  if (state.help) return { ...state, help: false };
  if (state.typing) return typed(state, key);
  if ('name' in key) {
    if (key.name === 'up') return moved(state, -1);
    if (key.name === 'down') return moved(state, 1);
    if (key.name === 'enter') return { ...state, failuresOf: state.failuresOf === state.selected ? null : state.selected };
    if (key.name === 'escape') return { ...state, filter: '', failuresOf: null, selected: null };
    return state;
  }
  switch (key.text) {
    case 'q':
      return null;
    case 'k':
      return moved(state, -1);
    case 'j':
      return moved(state, 1);
    case 's':
      return { ...state, sort: SORT_COLUMNS[(SORT_COLUMNS.indexOf(state.sort) + 1) % SORT_COLUMNS.length] ?? 'queue' };
    case 'r':
      return { ...state, reverse: !state.reverse };
    case '/':
      return { ...state, typing: true, filter: '' };
    case '?':
      return { ...state, help: true };
    default:
      return state;
  }
}
