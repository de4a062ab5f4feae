import { Button, NativeSelect, Skeleton } from '@mantine/core';
import { useCallback, useState } from 'react';

import { useMay } from '../api/caller.js';
import type { ApiError } from '../api/errors.js';
import { useBulk } from '../bulk/index.js';
import { EmptyState } from '../components/empty-state.js';
import { ErrorNotice } from '../components/error-notice.js';
import { usePageTitle } from '../layout/page-title.js';
import { countConditions, ORDER_FIELDS, type TaskOrder } from '../routing/task-filter.js';
import { formatCount } from '../time/format.js';
import type { Column } from './columns.js';
import { ColumnsMenu } from './columns-menu.js';
import { CopyMenu } from './copy-menu.js';
import { ExportMenu } from './export-menu.js';
import { FilterBar } from './filter-bar.js';
import { readColumns, rememberColumns } from './remembered-columns.js';
import { useSelection } from './selection.js';
import { SelectionBar } from './selection-bar.js';
import { TaskTable } from './task-table.js';
import styles from './tasks.module.css';
import { TotalCount } from './total-count.js';
import { useTaskList } from './use-task-list.js';
import { useTaskView } from './use-task-view.js';

const ORDER_LABELS: Readonly<Record<TaskOrder['field'], string>> = {
  ENQUEUED_AT: 'enqueued',
  UPDATED_AT: 'changed',
  FAILED_AT: 'failed',
  PROCESSING_STARTED_AT: 'started',
};

/** Executions by any filter, live, without end. The filter and the order are the URL. */
export default function Tasks() {
  usePageTitle('Tasks');
  const { filter, resolved, order, dropped, setFilter, setOrder } = useTaskView();
  const list = useTaskList(resolved, order);
  const selection = useSelection(list.rows);
  const [columns, setColumns] = useState<readonly Column[]>(readColumns);
  const [exportError, setExportError] = useState<ApiError | null>(null);
  const { ask } = useBulk();
  const mayOperate = useMay('OPERATE');
  const changeColumns = useCallback((next: readonly Column[]) => {
    rememberColumns(next);
    setColumns(next);
  }, []);
  const { rows, waiting, error, hasMore, loadingMore, more } = list;
  const known = !waiting && (error === null || rows.length > 0);

  return (
    <>
      <div className={styles['title']}>
        <h1>Tasks</h1>
        {known && <TotalCount filter={resolved} loaded={rows.length} hasMore={hasMore} />}
        <div className={styles['tools']}>
          {mayOperate && known && rows.length > 0 && (
            <Button size="xs" variant="default" onClick={() => ask({ filter: resolved })}>
              {hasMore ? 'Act on all matching' : `Act on all ${formatCount(rows.length)} matching`}
            </Button>
          )}
          <OrderSelect order={order} onOrder={setOrder} />
          <ColumnsMenu columns={columns} onColumns={changeColumns} />
          <CopyMenu asked={{ filter: resolved, orderBy: order }} rows={selection.size > 0 ? selection.tasks : rows} ticked={selection.size > 0} />
          <ExportMenu asked={{ filter: resolved, orderBy: order }} onError={setExportError} />
        </div>
      </div>
      <FilterBar filter={filter} onFilter={setFilter} />
      {dropped.length > 0 && (
        <p className={styles['dropped']} role="status">
          Not understood in this address, and left out: {dropped.join(', ')}
        </p>
      )}
      {exportError !== null && (
        <div className={styles['after']}>
          <ErrorNotice title="The list could not be exported" error={exportError} />
        </div>
      )}
      {waiting && error === null && <Skeleton height={420} />}
      {known && rows.length === 0 && (
        <EmptyState title={countConditions(filter) === 0 ? 'No tasks yet' : 'No task meets these conditions'}>
          {countConditions(filter) === 0 ? 'The first one appears here as soon as it is enqueued.' : 'The list is live: one that does appears here by itself. Or take a condition away.'}
        </EmptyState>
      )}
      {known && rows.length > 0 && <TaskTable list={list} columns={columns} order={order} onOrder={setOrder} selection={selection} />}
      {error !== null && (
        <div className={styles['after']}>
          <ErrorNotice title="The tasks could not be read" error={error} onRetry={more} />
        </div>
      )}
      <p className={styles['after']} role="status">
        {loadingMore ? 'Reading more…' : ''}
        {known && !hasMore && !loadingMore && rows.length > 20 ? 'This is the end of the list.' : ''}
      </p>
      <SelectionBar selection={selection} />
    </>
  );
}

function OrderSelect({ order, onOrder }: { readonly order: TaskOrder; readonly onOrder: (order: TaskOrder) => void }) {
  return (
    <NativeSelect
      size="xs"
      aria-label="Order"
      value={`${order.field}.${order.direction}`}
      onChange={(event) => {
        const [field, direction] = event.currentTarget.value.split('.') as [TaskOrder['field'], TaskOrder['direction']];
        onOrder({ field, direction });
      }}
      data={ORDER_FIELDS.flatMap((field) => [
        { value: `${field}.DESC`, label: `Newest ${ORDER_LABELS[field]}` },
        { value: `${field}.ASC`, label: `Oldest ${ORDER_LABELS[field]}` },
      ])}
    />
  );
}
