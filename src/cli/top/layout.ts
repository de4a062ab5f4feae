import { columnsOf, cutToColumns } from '../columns.js';
import { type QueueFigures, STATUS_COUNTS } from '../figures/queues.js';
import { ageOf, shownSpan } from '../figures/spans.js';
import { printable } from '../watch/line.js';
import { type Failure, queuesOf, type SortColumn, type TopState } from './state.js';

export type Tone = 'plain' | 'title' | 'head' | 'selected' | 'dim' | 'warning';

/** One row of the screen, no longer than it is wide. */
export interface Line {
  readonly text: string;
  readonly tone: Tone;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

interface Column {
  readonly key: SortColumn;
  readonly title: string;
  readonly width: number;
  readonly cell: (queue: QueueFigures, now: number) => string;
}

const TITLES: Readonly<Record<(typeof STATUS_COUNTS)[number], string>> = { queued: 'QUEUED', processing: 'RUN', completed: 'DONE', failed: 'FAILED', dlq: 'DLQ', archived: 'ARCH' };

const rate = (value: number): string => (value >= 100 ? String(Math.round(value)) : String(value));

/** From the left; where the terminal is narrow, those that matter least are left out. */
const COLUMNS: readonly Column[] = [
  ...STATUS_COUNTS.map((status): Column => ({ key: status, title: TITLES[status], width: 8, cell: ({ counts }) => String(counts[status]) })),
  { key: 'in/min', title: 'IN/MIN', width: 8, cell: ({ perMinute }) => rate(perMinute.enqueued) },
  { key: 'done/min', title: 'DONE/MIN', width: 9, cell: ({ perMinute }) => rate(perMinute.completed) },
  { key: 'fail/min', title: 'FAIL/MIN', width: 9, cell: ({ perMinute }) => rate(perMinute.failed) },
  { key: 'wait', title: 'WAIT95', width: 8, cell: ({ wait }) => shownSpan(wait?.p95 ?? null) },
  { key: 'run', title: 'RUN95', width: 8, cell: ({ run }) => shownSpan(run?.p95 ?? null) },
  { key: 'oldest', title: 'OLDEST', width: 8, cell: ({ oldestQueuedAt }, now) => shownSpan(ageOf(oldestQueuedAt, now)) },
  { key: 'stuck', title: 'STUCK', width: 7, cell: ({ stuckCount }) => String(stuckCount) },
];
const LEFT_OUT_FIRST: readonly SortColumn[] = ['fail/min', 'in/min', 'archived', 'wait', 'completed', 'run', 'done/min', 'stuck', 'oldest', 'processing'];
const NARROWEST_NAME = 14;

const HELP: readonly string[] = [
  'up, down, j, k   select a queue',
  'Enter            show its failures only; again: all failures',
  's                order by the next column',
  'r                turn the order round',
  '/                filter queues by name (Enter keeps it, Esc clears it)',
  'Esc              clear filter and selection',
  'q, Ctrl-C        quit',
];

/** Cut with an ellipsis, or filled up, to exactly so many columns. */
export function fitted(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const cut = cutToColumns(printable(text), width);
  const rest = ' '.repeat(Math.max(0, width - columnsOf(cut)));
  return align === 'left' ? cut + rest : rest + cut;
}

function columnsFor(width: number): readonly Column[] {
  let shown = COLUMNS;
  for (const key of LEFT_OUT_FIRST) {
    if (shown.reduce((sum, column) => sum + column.width, NARROWEST_NAME) <= width) break;
    shown = shown.filter((column) => column.key !== key);
  }
  return shown;
}

function header({ url, lost, trouble, figures }: TopState, now: number): Line {
  if (lost !== null) return { text: `NOT CONNECTED for ${shownSpan(now - lost.since)}, what is shown is old: ${lost.reason}  ${url}`, tone: 'warning' };
  if (trouble !== null) return { text: `NO NEW FIGURES: ${trouble}  ${url}`, tone: 'warning' };
  if (figures === null) return { text: `tasktracker top  ${url}  connecting…`, tone: 'title' };
  const { feed, statistics } = figures;
  const reading = statistics.state === 'READY' ? '' : `  figures ${statistics.state} ${Math.floor(statistics.progress * 100)} %`;
  const text = `tasktracker top  ${url}  ${feed.state}${feed.reason === null ? '' : ` (${feed.reason})`}${reading}`;
  return { text, tone: feed.state === 'LIVE' ? 'title' : 'warning' };
}

function totals(queues: readonly QueueFigures[]): string {
  const sums = STATUS_COUNTS.map((status) => `${queues.reduce((sum, { counts }) => sum + counts[status], 0)} ${status}`);
  return `${queues.length} queues: ${sums.join(', ')}`;
}

/** The part of a list that holds the selected one. */
function inSight<T>(list: readonly T[], selected: number, rows: number): readonly T[] {
  const start = Math.min(Math.max(0, selected - rows + 1), Math.max(0, list.length - rows));
  return list.slice(start, start + rows);
}

function failureLine({ taskId, queueName, status, retryCount, errorMessage, failedAt }: Failure, width: number, now: number): string {
  const start = `${fitted(shownSpan(ageOf(failedAt, now)), 7, 'right')}  ${fitted(status, 6)}  ${fitted(`#${retryCount + 1}`, 3)}  `;
  const left = Math.max(0, width - start.length);
  const name = Math.min(40, Math.floor(left / 2));
  return `${start}${fitted(taskId === '' ? queueName : taskId, name)}  ${fitted(errorMessage ?? '', Math.max(0, left - name - 2))}`;
}

/** The whole screen, as many lines as there are rows at most. */
export function layout(state: TopState, { columns: width, rows }: Size, now: number): readonly Line[] {
  const head = header(state, now);
  if (state.help) return [head, { text: '', tone: 'plain' as const }, ...HELP.map((text): Line => ({ text, tone: 'plain' }))].slice(0, rows).map((line) => ({ ...line, text: fitted(line.text, width) }));

  const queues = queuesOf(state);
  const shown = columnsFor(width);
  const name = width - shown.reduce((sum, column) => sum + column.width, 0);
  const title = (key: SortColumn, text: string): string => (state.sort === key ? `${text}${state.reverse ? '^' : 'v'}` : text);
  const searching = state.typing || state.filter !== '' ? `  /${state.filter}${state.typing ? '_' : ''}` : '';
  const lines: Line[] = [
    head,
    { text: `${state.note === null ? '' : `${state.note}  `}${totals(queues)}${searching}`, tone: 'plain' },
    { text: fitted(title('queue', 'QUEUE'), name) + shown.map((column) => fitted(title(column.key, column.title), column.width, 'right')).join(''), tone: 'head' },
  ];
  const room = Math.max(1, Math.ceil((rows - lines.length - 2) * 0.6));
  const selected = queues.findIndex((queue) => queue.name === state.selected);
  for (const queue of inSight(queues, selected, room)) {
    const cells = shown.map((column) => fitted(column.cell(queue, now), column.width, 'right')).join('');
    const tone = state.lost === null ? 'plain' : 'dim';
    lines.push({ text: fitted(queue.name, name) + cells, tone: queue.name === state.selected ? 'selected' : tone });
  }
  if (queues.length > room) lines.push({ text: `… ${queues.length - room} more queues: select with the arrows, or filter with /`, tone: 'dim' });
  const of = state.failuresOf === null ? 'all queues' : state.failuresOf;
  lines.push({ text: '', tone: 'plain' }, { text: `FAILURES of ${of}, the newest first${state.failures.length === 0 ? ': none' : ''}`, tone: 'head' });
  for (const failure of state.failures.slice(0, Math.max(0, rows - lines.length))) lines.push({ text: failureLine(failure, width, now), tone: 'plain' });
  return lines.slice(0, rows).map((line) => ({ ...line, text: fitted(line.text, width) }));
}
