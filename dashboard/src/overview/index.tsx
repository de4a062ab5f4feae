import { Button, TextInput } from '@mantine/core';
import { useDeferredValue, useMemo } from 'react';
import { useSearchParams } from 'wouter';

import { EmptyState } from '../components/empty-state.js';
import { ErrorNotice } from '../components/error-notice.js';
import { SearchIcon } from '../components/icons.js';
import { usePageTitle } from '../layout/page-title.js';
import { formatCount } from '../time/format.js';
import styles from './overview.module.css';
import { QueueTable, QueueTableSkeleton } from './queue-table.js';
import { filterRows, nextSort, parseSort, type SortColumn, sortRows, totalsOf, writeSort } from './rows.js';
import { StartHere } from './start-here.js';
import { StatisticsNote } from './statistics-note.js';
import { Totals } from './totals.js';
import { useQueues } from './use-queues.js';

/** Every queue at a glance, live. The order and the filter are in the URL. */
export default function Overview() {
  usePageTitle('Overview');
  const { rows, error, latenciesFailed, refetch } = useQueues();
  const [params, setParams] = useSearchParams();
  const sort = parseSort(params.get('sort'));
  const text = params.get('q') ?? '';
  const wanted = useDeferredValue(text);
  const { column, direction } = sort;
  const shown = useMemo(() => sortRows(filterRows(rows ?? [], wanted), { column, direction }), [rows, wanted, column, direction]);
  const totals = useMemo(() => totalsOf(rows ?? []), [rows]);

  const set = (name: string, value: string | null) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === null || value === '') next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const sortBy = (column: SortColumn) => set('sort', writeSort(nextSort(sort, column)));

  if (rows !== null && rows.length === 0 && error === null) return <StartHere />;
  return (
    <>
      <h1 className="tt-visually-hidden">Overview</h1>
      {error && <ErrorNotice title="The queues could not be read" error={error} onRetry={refetch} />}
      {(rows !== null || error === null) && (
        <>
          <Totals totals={rows === null ? null : totals} />
          <div className={styles['toolbar']}>
            <h2>
              Queues {rows !== null && <span className={styles['number']}>{shown.length === rows.length ? formatCount(rows.length) : `${formatCount(shown.length)} of ${formatCount(rows.length)}`}</span>}
            </h2>
            <StatisticsNote />
            <TextInput
              size="xs"
              className={styles['filter']}
              aria-label="Filter queues by name"
              placeholder="Filter by name"
              leftSection={<SearchIcon size={14} />}
              value={text}
              onChange={(event) => set('q', event.currentTarget.value)}
            />
          </div>
          {rows === null && <QueueTableSkeleton />}
          {rows !== null && shown.length > 0 && <QueueTable rows={shown} sort={sort} onSort={sortBy} withUnknown={totals.unknown > 0} withoutLatency={latenciesFailed} />}
          {rows !== null && rows.length > 0 && shown.length === 0 && (
            <EmptyState title={`No queue has “${wanted}” in its name`}>
              <Button variant="default" size="xs" onClick={() => set('q', null)}>
                Show all
              </Button>
            </EmptyState>
          )}
        </>
      )}
    </>
  );
}
