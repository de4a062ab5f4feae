import Table from 'cli-table3';

import { columnsOf } from '../columns.js';
import type { QueueCounts } from './summary.js';
import { printable } from './line.js';
import type { Paint } from './paint.js';

type Column = Exclude<keyof QueueCounts, 'queueName'>;

/** In the order in which they are left out where the terminal is narrow: from the end. */
const COLUMNS: readonly Column[] = ['queued', 'processing', 'failed', 'dlq', 'completed', 'total', 'archived'];
const SHOWN: readonly Column[] = ['queued', 'processing', 'completed', 'failed', 'dlq', 'archived', 'total'];
const STATUS_OF: Readonly<Record<Column, string>> = { queued: 'QUEUED', processing: 'PROCESSING', completed: 'COMPLETED', failed: 'FAILED', dlq: 'DLQ', archived: 'ARCHIVED', total: '' };
const NARROWEST_NAME = 12;
const GAP = 2;

const NO_BORDERS = {
  top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
  left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '',
} as const;

function widthOf(column: Column, counts: readonly QueueCounts[]): number {
  return GAP + Math.max(column.length, ...counts.map((each) => String(each[column]).length));
}

/**
 * The queues and how many of their executions stand in each status, as lines of at most `width` columns: what does not
 * fit is left out, and of more than `rows` queues the last line says how many more there are.
 */
export function countsTable(counts: readonly QueueCounts[], size: { readonly width: number; readonly rows: number }, paint: Paint): string[] {
  const sorted = [...counts].sort((a, b) => (a.queueName < b.queueName ? -1 : 1));
  const shown = sorted.length > size.rows ? sorted.slice(0, Math.max(0, size.rows - 1)) : sorted;
  const columns: Column[] = [];
  let left = size.width - NARROWEST_NAME;
  for (const column of COLUMNS) {
    left -= widthOf(column, shown);
    if (left < 0) break;
    columns.push(column);
  }
  const visible = SHOWN.filter((column) => columns.includes(column));
  const numbers = visible.map((column) => widthOf(column, shown));
  const longestName = Math.max('queue'.length, ...shown.map(({ queueName }) => columnsOf(printable(queueName))));
  const name = Math.max(1, Math.min(longestName, size.width - numbers.reduce((sum, width) => sum + width, 0)));
  const table = new Table({
    head: ['queue', ...visible].map((title) => paint.dim(title)),
    colWidths: [name, ...numbers],
    colAligns: ['left', ...visible.map(() => 'right' as const)],
    chars: NO_BORDERS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  for (const each of shown) {
    const cells = visible.map((column) => (each[column] === 0 ? paint.dim('0') : paint.status(STATUS_OF[column], String(each[column]))));
    table.push([printable(each.queueName), ...cells]);
  }
  const more = sorted.length - shown.length;
  return [...table.toString().split('\n'), ...(more > 0 ? [paint.dim(`… and ${more} more queues`)] : [])];
}
