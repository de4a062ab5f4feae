import type { TaskRow } from '../api/live-tasks.js';
import { Duration, RunningDuration } from '../components/duration.js';
import { RelativeTime } from '../components/relative-time.js';
import { StatusBadge } from '../components/status-badge.js';
import { type Column, metadataPath, metadataText } from './columns.js';
import { CATEGORY_LABELS } from './conditions.js';
import styles from './task-table.module.css';

function Text({ children, mono = false }: { readonly children: string | null; readonly mono?: boolean }) {
  if (children === null || children === '') return null;
  return (
    <span className={mono ? 'tt-ellipsis tt-mono' : 'tt-ellipsis'} title={children}>
      {children}
    </span>
  );
}

/** The time of a phase that is under way grows; without a word of the server, for nothing is written meanwhile. */
export function Waited({ task }: { readonly task: TaskRow }) {
  return task.status === 'QUEUED' ? <RunningDuration since={task.enqueuedAt} /> : <Duration ms={task.waitMs} />;
}

export function Ran({ task }: { readonly task: TaskRow }) {
  return task.status === 'PROCESSING' && task.processingStartedAt !== null ? <RunningDuration since={task.processingStartedAt} /> : <Duration ms={task.runMs} />;
}

/** What a column shows of a task. */
export function CellContent({ column, task }: { readonly column: Column; readonly task: TaskRow }) {
  const path = metadataPath(column);
  if (path !== null) return <Text mono>{metadataText(task.metadata, path)}</Text>;
  switch (column) {
    case 'status':
      return <StatusBadge status={task.status} />;
    case 'queue':
      return <Text>{task.queueName}</Text>;
    case 'attempt':
      return (
        <span title={`Attempt ${task.retryCount + 1} of at most ${task.maxRetries + 1}`}>
          {task.retryCount + 1}
          <span className={styles['of']}> / {task.maxRetries + 1}</span>
        </span>
      );
    case 'enqueued':
      return <RelativeTime at={task.enqueuedAt} />;
    case 'started':
      return <RelativeTime at={task.processingStartedAt} />;
    case 'completed':
      return <RelativeTime at={task.completedAt} />;
    case 'failed':
      return <RelativeTime at={task.failedAt} />;
    case 'updated':
      return <RelativeTime at={task.updatedAt} />;
    case 'waited':
      return <Waited task={task} />;
    case 'ran':
      return <Ran task={task} />;
    case 'category':
      return <Text>{task.errorCategory === null ? null : CATEGORY_LABELS[task.errorCategory]}</Text>;
    case 'error':
      return <Text>{task.errorMessage}</Text>;
    case 'executionId':
      return <Text mono>{task.executionId}</Text>;
    default:
      return null;
  }
}
