import { Skeleton } from '@mantine/core';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { memo, type MouseEvent, useCallback, useLayoutEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';

import { Sparkline } from '../charts/sparkline.js';
import { recentRate } from '../charts/throughput.js';
import { useMinutes, useSettled } from '../charts/use-minutes.js';
import { Count } from '../components/count.js';
import { ArrowDownIcon, ArrowUpIcon } from '../components/icons.js';
import { RelativeTime } from '../components/relative-time.js';
import { STATUS_LOOKS } from '../components/status.js';
import { useListKeys } from '../components/use-list-keys.js';
import { useShortcut } from '../layout/shortcuts.js';
import { paths } from '../routing/paths.js';
import { formatAge, formatCount, formatDuration, formatInstant, formatShortCount } from '../time/format.js';
import { useZone } from '../time/time.js';
import styles from './queue-table.module.css';
import { COUNT_COLUMNS, type Latency, type QueueRow, type Sort, type SortColumn } from './rows.js';

interface Column {
  readonly key: SortColumn | 'throughput';
  readonly label: string;
  readonly title: string;
}

const COUNT_HEADS: readonly Column[] = (['QUEUED', 'PROCESSING', 'COMPLETED', 'FAILED', 'DLQ', 'ARCHIVED'] as const).map((status) => {
  const { key, short, label, meaning } = STATUS_LOOKS[status];
  return { key: key as SortColumn, label: short, title: `${label}: ${meaning}` };
});

const UNKNOWN_HEAD: Column = { key: 'unknown', label: 'Unknown', title: `Unknown: ${STATUS_LOOKS.UNKNOWN.meaning}` };

const COLUMNS: readonly Column[] = [
  { key: 'name', label: 'Queue', title: 'Name of the queue' },
  ...COUNT_HEADS,
  UNKNOWN_HEAD,
  { key: 'throughput', label: 'Last 60 min', title: 'Completed and failed in each of the last 60 minutes, and how many ended per minute of late' },
  { key: 'wait', label: 'Wait p95', title: '95 of 100 executions waited for a worker no longer than this' },
  { key: 'run', label: 'Run p95', title: '95 of 100 executions ran no longer than this' },
  { key: 'oldest', label: 'Oldest', title: 'How long the execution that has waited longest has been queued' },
  { key: 'stuck', label: 'Stuck', title: 'Processing for more than 30 minutes' },
];

export interface QueueTableProps {
  readonly rows: readonly QueueRow[];
  readonly sort: Sort;
  readonly onSort: (column: SortColumn) => void;
  /** Some document has a status that is none of the six. */
  readonly withUnknown: boolean;
  readonly withoutLatency: boolean;
}

const ROW_HEIGHT = 45;

/** The queues as rows of a table; only those in sight are drawn. */
export function QueueTable({ rows, sort, onSort, withUnknown, withoutLatency }: QueueTableProps) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [scrollMargin, setScrollMargin] = useState(0);
  useLayoutEffect(() => {
    const top = body.current?.getBoundingClientRect().top ?? 0;
    setScrollMargin(Math.round(top + window.scrollY));
  }, [rows.length]);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => rows[index]?.name ?? index,
    overscan: 6,
    scrollMargin,
    // Under the header and the heads of the columns.
    scrollPaddingStart: 110,
  });
  const show = useCallback((index: number) => virtual.scrollToIndex(index, { align: 'auto' }), [virtual]);
  const { onKeyDown, step } = useListKeys({ count: rows.length, show, container: body });
  useShortcut('j', 'Next row', () => step(1));
  useShortcut('k', 'Previous row', () => step(-1));

  const columns = COLUMNS.filter(({ key }) => withUnknown || key !== 'unknown');
  const items = virtual.getVirtualItems();
  const first = items[0];
  const last = items.at(-1);
  const before = first ? first.start - scrollMargin : 0;
  const after = last ? virtual.getTotalSize() - (last.end - scrollMargin) : 0;
  return (
    <table className={styles['table']} aria-rowcount={rows.length + 1} aria-label="Queues">
      <thead>
        <tr aria-rowindex={1}>
          {columns.map((column) => (
            <Head key={column.key} column={column} sort={sort} onSort={onSort} />
          ))}
        </tr>
      </thead>
      <tbody ref={body} onKeyDown={onKeyDown}>
        {before > 0 && <Space height={before} />}
        {items.map(({ index, key }) => {
          const row = rows[index];
          return row && <Row key={key} row={row} index={index} measure={virtual.measureElement} withUnknown={withUnknown} withoutLatency={withoutLatency} />;
        })}
        {after > 0 && <Space height={after} />}
      </tbody>
    </table>
  );
}

/** Stands for the rows that are out of sight. */
function Space({ height }: { readonly height: number }) {
  return (
    <tr aria-hidden="true" className={styles['space']}>
      <td style={{ height }} />
    </tr>
  );
}

function Head({ column: { key, label, title }, sort, onSort }: { readonly column: Column; readonly sort: Sort; readonly onSort: (column: SortColumn) => void }) {
  if (key === 'throughput') {
    return (
      <th scope="col" title={title} data-column={key}>
        {label}
      </th>
    );
  }
  const sorted = sort.column === key;
  return (
    <th scope="col" data-column={key} aria-sort={sorted ? (sort.direction === 'asc' ? 'ascending' : 'descending') : undefined}>
      <button type="button" title={title} onClick={() => onSort(key)}>
        {label}
        {sorted && (sort.direction === 'asc' ? <ArrowUpIcon size={12} /> : <ArrowDownIcon size={12} />)}
      </button>
    </th>
  );
}

interface RowProps {
  readonly row: QueueRow;
  readonly index: number;
  readonly measure: (node: Element | null) => void;
  readonly withUnknown: boolean;
  readonly withoutLatency: boolean;
}

function equalRows(a: RowProps, b: RowProps): boolean {
  const same = (x: Latency | null, y: Latency | null): boolean => x?.ms === y?.ms && x?.count === y?.count;
  return (
    a.index === b.index &&
    a.withUnknown === b.withUnknown &&
    a.withoutLatency === b.withoutLatency &&
    a.row.name === b.row.name &&
    a.row.counts === b.row.counts &&
    a.row.oldestQueuedAt === b.row.oldestQueuedAt &&
    a.row.stuckCount === b.row.stuckCount &&
    same(a.row.wait, b.row.wait) &&
    same(a.row.run, b.row.run)
  );
}

const Row = memo(function Row({ row, index, measure, withUnknown, withoutLatency }: RowProps) {
  const [, navigate] = useLocation();
  const path = paths.queue(row.name);
  const open = (event: MouseEvent) => {
    // A link in the row, and a text that was selected, are their own business.
    if (event.defaultPrevented || (event.target as Element).closest('a') || getSelection()?.type === 'Range') return;
    navigate(path);
  };
  return (
    <tr ref={measure} data-index={index} aria-rowindex={index + 2} onClick={open}>
      <th scope="row" data-column="name">
        <Link href={path} title={row.name} className="tt-ellipsis" data-row-focus>
          {row.name}
        </Link>
      </th>
      {COUNT_COLUMNS.map((key) => (
        <td key={key} data-column={key} data-label={COUNT_HEADS.find((head) => head.key === key)?.label}>
          <Count value={row.counts[key]} of={key} />
        </td>
      ))}
      {withUnknown && (
        <td data-column="unknown" data-label="Unknown">
          <Count value={row.counts.unknown} of="unknown" />
        </td>
      )}
      <td data-column="throughput">
        <RowThroughput queueName={row.name} />
      </td>
      <td data-column="wait" data-label="Wait p95">
        <LatencyText latency={row.wait} what="waited" missing={withoutLatency} />
      </td>
      <td data-column="run" data-label="Run p95">
        <LatencyText latency={row.run} what="ran" missing={withoutLatency} />
      </td>
      <td data-column="oldest" data-label="Oldest">
        {row.oldestQueuedAt ? <RelativeTime at={row.oldestQueuedAt} format={formatAge} /> : <span className={styles['none']}>–</span>}
      </td>
      <td data-column="stuck" data-label="Stuck">
        <span className={row.stuckCount > 0 ? styles['stuck'] : styles['none']}>{formatCount(row.stuckCount)}</span>
      </td>
    </tr>
  );
}, equalRows);

/** Rows that scroll by ask for nothing: their figures come once they have stayed for a moment. */
function RowThroughput({ queueName }: { readonly queueName: string }) {
  const settled = useSettled(120);
  const { minutes } = useMinutes(queueName, !settled);
  return (
    <span className={styles['throughput']}>
      <Sparkline minutes={minutes} />
      <span className={styles['rate']}>{minutes !== null && `${formatShortCount(recentRate(minutes))}/min`}</span>
    </span>
  );
}

function LatencyText({ latency, what, missing }: { readonly latency: Latency | null; readonly what: string; readonly missing: boolean }) {
  const [zone] = useZone();
  if (latency === null) {
    return (
      <span className={styles['none']} title={missing ? 'Could not be read' : 'None in this hour and the one before'}>
        –
      </span>
    );
  }
  const title = `Of the ${formatCount(latency.count)} executions since ${formatInstant(Date.parse(latency.since), zone)}, 95 of 100 ${what} no longer than this`;
  return <span title={title}>{formatDuration(latency.ms)}</span>;
}

/** The place of the table while the queues are on their way. */
export function QueueTableSkeleton() {
  return (
    <div className={styles['table']} aria-hidden="true">
      {Array.from({ length: 8 }, (_, index) => (
        <div className={styles['waiting']} key={index}>
          <Skeleton height={14} width={`${14 + ((index * 7) % 11)}%`} />
          <Skeleton height={14} width="55%" />
        </div>
      ))}
    </div>
  );
}
