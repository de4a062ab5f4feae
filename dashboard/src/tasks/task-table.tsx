import { useMediaQuery } from '@mantine/hooks';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';

import type { TaskRow } from '../api/live-tasks.js';
import { ArrowDownIcon, ArrowUpIcon } from '../components/icons.js';
import { useListKeys } from '../components/use-list-keys.js';
import { useShortcut } from '../layout/shortcuts.js';
import { useOpenTask } from '../routing/open-task.js';
import type { TaskOrder } from '../routing/task-filter.js';
import { type Column, columnLabel, gridTracks } from './columns.js';
import type { Selection } from './selection.js';
import { Row } from './task-row.js';
import styles from './task-table.module.css';
import type { TaskList } from './use-task-list.js';

export interface TaskTableProps {
  readonly list: TaskList;
  readonly columns: readonly Column[];
  readonly order: TaskOrder;
  readonly onOrder: (order: TaskOrder) => void;
  readonly selection: Selection;
}

const ROW = 40;
const NARROW_ROW = 62;
/** Rows ahead of the last one at which the next page is asked for. */
const AHEAD = 60;

const ORDERED_BY: Partial<Readonly<Record<Column, TaskOrder['field']>>> = {
  enqueued: 'ENQUEUED_AT',
  started: 'PROCESSING_STARTED_AT',
  failed: 'FAILED_AT',
  updated: 'UPDATED_AT',
};

/** The list as a table of which only the rows in sight are drawn. What comes in above them does not move them. */
export function TaskTable({ list, columns, order, onOrder, selection }: TaskTableProps) {
  const { rows, more, collapse, hasMore, loadingMore, error } = list;
  const narrow = useMediaQuery('(width < 860px)', undefined, { getInitialValueInEffect: false }) ?? false;
  const height = narrow ? NARROW_ROW : ROW;
  const body = useRef<HTMLDivElement>(null);
  const [openId, open] = useOpenTask();
  const [scrollMargin, setScrollMargin] = useState(0);
  useLayoutEffect(() => {
    const measure = () => setScrollMargin(Math.round((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY));
    measure();
    // What stands above the list may grow: the panel of filters, a line of conditions.
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);
  // Nothing was scrolled yet: the live start of the list is all that is needed.
  const [scrolled, setScrolled] = useState(false);
  useEffect(() => {
    const look = () => {
      const away = window.scrollY > 0;
      setScrolled(away);
      if (!away) collapse();
    };
    look();
    addEventListener('scroll', look, { passive: true });
    return () => removeEventListener('scroll', look);
  }, [collapse]);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => height,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 8,
    scrollMargin,
    // Under the header and the heads of the columns.
    scrollPaddingStart: 104,
    scrollPaddingEnd: 72,
    // Rows in sight stay where they are while others come in above them; but who is at the very top wants to see those.
    anchorTo: scrolled ? 'end' : 'start',
  });
  useEffect(() => virtual.measure(), [virtual, height]);

  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? -1;
  const nearEnd = hasMore && !loadingMore && error === null && lastShown >= rows.length - AHEAD && rows.length > 0;
  useEffect(() => {
    if (nearEnd && scrolled) more();
  }, [nearEnd, scrolled, more]);

  const show = useCallback((index: number) => virtual.scrollToIndex(index, { align: 'auto' }), [virtual]);
  const { onKeyDown, step } = useListKeys({ count: rows.length, show, container: body });
  useShortcut('j', 'Next row', () => step(1));
  useShortcut('k', 'Previous row', () => step(-1));

  const tracks = useMemo(() => gridTracks(columns), [columns]);
  const onOpen = useCallback(({ executionId }: TaskRow) => open(executionId), [open]);
  const latest = useRef(rows);
  latest.current = rows;
  const { toggle } = selection;
  const onSelect = useCallback((index: number, range: boolean) => toggle(latest.current, index, range), [toggle]);

  return (
    <div role="table" aria-label="Tasks" aria-rowcount={hasMore ? -1 : rows.length + 1} aria-busy={loadingMore} className={styles['table']} data-narrow={narrow || undefined}>
      <div role="rowgroup" className={styles['head']}>
        <div role="row" aria-rowindex={1} className={styles['heads']} style={{ gridTemplateColumns: narrow ? undefined : tracks }}>
          <div role="columnheader" className={styles['box']}>
            <SelectAll rows={rows} selection={selection} />
          </div>
          <div role="columnheader" className={styles['nameCell']}>
            Task
          </div>
          {!narrow && columns.map((column) => <Head key={column} column={column} order={order} onOrder={onOrder} />)}
          {narrow && (
            <div role="columnheader" className="tt-visually-hidden">
              Status
            </div>
          )}
        </div>
      </div>
      <div role="rowgroup" ref={body} className={styles['body']} style={{ height: virtual.getTotalSize() }} onKeyDown={onKeyDown}>
        {items.map(({ index, key, start }) => {
          const task = rows[index];
          return (
            task && (
              <Row
                key={key}
                task={task}
                index={index}
                top={start - scrollMargin}
                columns={columns}
                tracks={tracks}
                narrow={narrow}
                selected={selection.has(task.executionId)}
                opened={task.executionId === openId}
                onOpen={onOpen}
                onSelect={onSelect}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

function Head({ column, order, onOrder }: { readonly column: Column; readonly order: TaskOrder; readonly onOrder: (order: TaskOrder) => void }) {
  const field = ORDERED_BY[column];
  const label = columnLabel(column);
  if (field === undefined) {
    return (
      <div role="columnheader" data-column={column} className="tt-ellipsis" title={label}>
        {label}
      </div>
    );
  }
  const active = order.field === field;
  const descending = order.direction === 'DESC';
  return (
    <div role="columnheader" data-column={column} aria-sort={active ? (descending ? 'descending' : 'ascending') : undefined}>
      <button type="button" onClick={() => onOrder({ field, direction: active && descending ? 'ASC' : 'DESC' })}>
        {label}
        {active && (descending ? <ArrowDownIcon size={12} /> : <ArrowUpIcon size={12} />)}
      </button>
    </div>
  );
}

function SelectAll({ rows, selection }: { readonly rows: readonly TaskRow[]; readonly selection: Selection }) {
  const box = useRef<HTMLInputElement>(null);
  const all = rows.length > 0 && rows.every(({ executionId }) => selection.has(executionId));
  const some = !all && selection.size > 0;
  useEffect(() => {
    if (box.current) box.current.indeterminate = some;
  }, [some]);
  return (
    <input
      ref={box}
      type="checkbox"
      aria-label="Select all rows that are loaded"
      title="Select all rows that are loaded"
      checked={all}
      onChange={() => (all || some ? selection.clear() : selection.addAll(rows))}
    />
  );
}
