import { Button } from '@mantine/core';
import { useState } from 'react';

import { useApi } from '../api/api.js';
import { fromCombined } from '../api/errors.js';
import type { TaskFilter } from '../routing/task-filter.js';
import { formatCount } from '../time/format.js';
import { type ApiTaskFilter, TASK_COUNT } from './documents.js';
import styles from './tasks.module.css';

interface TotalCountProps {
  readonly filter: TaskFilter;
  /** Loaded rows. */
  readonly loaded: number;
  readonly hasMore: boolean;
}

/** How many tasks the filter finds: known where all are loaded, else counted by the database when somebody asks. */
export function TotalCount({ filter, loaded, hasMore }: TotalCountProps) {
  const { queries } = useApi();
  const key = JSON.stringify(filter);
  const [counted, setCounted] = useState<{ readonly key: string; readonly text: string } | null>(null);
  const [busy, setBusy] = useState(false);
  if (!hasMore) return <span className={styles['total']}>{loaded === 1 ? '1 task' : `${formatCount(loaded)} tasks`}</span>;
  const count = async () => {
    setBusy(true);
    const { data, error } = await queries.query(TASK_COUNT, { filter: filter as ApiTaskFilter }, { requestPolicy: 'network-only' }).toPromise();
    setBusy(false);
    setCounted({ key, text: data ? `${formatCount(data.tasks.totalCount)} tasks` : (fromCombined(error)?.message ?? 'The server did not answer.') });
  };
  return (
    <span className={styles['total']}>
      <span role="status">{counted?.key === key ? counted.text : `More than ${formatCount(loaded)} tasks`}</span>
      <Button size="compact-xs" variant="subtle" loading={busy} onClick={() => void count()}>
        {counted?.key === key ? 'Count again' : 'Count all'}
      </Button>
    </span>
  );
}
