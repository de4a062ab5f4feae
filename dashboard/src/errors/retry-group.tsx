import { Modal, Progress } from '@mantine/core';
import { useEffect, useState } from 'react';

import { BatchDialog } from '../actions/index.js';
import { useApi } from '../api/api.js';
import { type ApiError, fromCombined } from '../api/errors.js';
import type { VariablesOf } from '../api/graphql.js';
import type { TaskRow } from '../api/live-tasks.js';
import { ErrorNotice } from '../components/error-notice.js';
import type { TaskFilter } from '../routing/task-filter.js';
import { formatCount } from '../time/format.js';
import { RETRYABLE } from './documents.js';

interface RetryGroupProps {
  readonly filter: TaskFilter;
  readonly onClose: () => void;
}

/** As many as one round takes on; who has more retries again. */
const MOST = 1_000;

interface Found {
  readonly tasks: readonly TaskRow[];
  readonly more: boolean;
}

/** Finds the executions of a group that can be retried, asks, and retries them with progress. */
export function RetryGroup({ filter, onClose }: RetryGroupProps) {
  const { queries } = useApi();
  const [reading, setReading] = useState(0);
  const [found, setFound] = useState<Found | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [tries, setTries] = useState(0);
  const key = JSON.stringify(filter);
  useEffect(() => {
    let stopped = false;
    const read = async () => {
      setError(null);
      const tasks: TaskRow[] = [];
      let after: string | null = null;
      for (;;) {
        const variables: VariablesOf<typeof RETRYABLE> = { filter: JSON.parse(key) as VariablesOf<typeof RETRYABLE>['filter'], after };
        const { data, error: failed } = await queries.query(RETRYABLE, variables, { requestPolicy: 'network-only' }).toPromise();
        if (stopped) return;
        if (!data) {
          setError(fromCombined(failed));
          return;
        }
        tasks.push(...data.tasks.nodes);
        setReading(tasks.length);
        after = data.tasks.pageInfo.endCursor;
        const { hasNextPage } = data.tasks.pageInfo;
        if (!hasNextPage || tasks.length >= MOST) {
          setFound({ tasks, more: hasNextPage });
          return;
        }
      }
    };
    void read();
    return () => {
      stopped = true;
    };
  }, [key, queries, tries]);

  if (found !== null) {
    const note = found.more ? `There are more: these are the ${formatCount(found.tasks.length)} that failed last.` : undefined;
    return <BatchDialog move="retry" tasks={found.tasks} note={note} onClose={onClose} />;
  }
  return (
    <Modal opened onClose={onClose} title="Retry these" centered size="lg" closeButtonProps={{ 'aria-label': 'Close' }}>
      {error !== null ? (
        <ErrorNotice title="The executions could not be read" error={error} onRetry={() => setTries((before) => before + 1)} />
      ) : (
        <>
          <Progress value={(reading / MOST) * 100} aria-label="Reading executions" animated />
          <p role="status">Reading {formatCount(reading)} executions…</p>
        </>
      )}
    </Modal>
  );
}
