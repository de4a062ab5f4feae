import type { ReactNode } from 'react';
import { Link } from 'wouter';

import { CopyButton } from '../components/copy-button.js';
import { Duration, RunningDuration } from '../components/duration.js';
import { RelativeTime } from '../components/relative-time.js';
import { paths } from '../routing/paths.js';
import { useFormatInstant } from '../time/time.js';
import type { TaskDetails } from './documents.js';
import styles from './task.module.css';

function Field({ name, copy, wide = false, children }: { readonly name: string; readonly copy?: string; readonly wide?: boolean; readonly children: ReactNode }) {
  return (
    <div className={styles['field']} data-wide={wide || undefined}>
      <dt>{name}</dt>
      <dd>
        <span>{children}</span>
        {copy !== undefined && <CopyButton text={copy} of={name} />}
      </dd>
    </div>
  );
}

function Instant({ at }: { readonly at: string | null }) {
  const format = useFormatInstant();
  if (at === null) return <span className={styles['none']}>–</span>;
  return (
    <>
      {format(at)}{' '}
      <small>
        <RelativeTime at={at} />
      </small>
    </>
  );
}

/** Every field of an execution but its metadata and its error. */
export function Fields({ task }: { readonly task: TaskDetails }) {
  const { status } = task;
  return (
    <dl className={styles['fields']}>
      <Field name="taskId" copy={task.taskId} wide>
        <span className="tt-mono">{task.taskId}</span>
      </Field>
      <Field name="Execution" copy={task.executionId} wide>
        <span className="tt-mono">{task.executionId}</span>
      </Field>
      <Field name="Queue">
        <Link href={paths.queue(task.queueName)}>{task.queueName}</Link>
      </Field>
      <Field name="Attempt">
        {task.retryCount + 1} of at most {task.maxRetries + 1}
        {(status === 'FAILED' || status === 'DLQ') && !task.canRetry && <small> retries exhausted</small>}
      </Field>
      <Field name="Waited">{status === 'QUEUED' ? <RunningDuration since={task.enqueuedAt} /> : <Duration ms={task.waitMs} />}</Field>
      <Field name="Ran">{status === 'PROCESSING' && task.processingStartedAt !== null ? <RunningDuration since={task.processingStartedAt} /> : <Duration ms={task.runMs} />}</Field>
      <Field name="Enqueued" wide>
        <Instant at={task.enqueuedAt} />
      </Field>
      <Field name="Started" wide>
        <Instant at={task.processingStartedAt} />
      </Field>
      {task.completedAt !== null && (
        <Field name="Completed" wide>
          <Instant at={task.completedAt} />
        </Field>
      )}
      {task.failedAt !== null && (
        <Field name="Failed" wide>
          <Instant at={task.failedAt} />
        </Field>
      )}
      {task.archivedAt !== null && (
        <Field name="Archived" wide>
          <Instant at={task.archivedAt} />
        </Field>
      )}
      {task.archivedReason !== null && (
        <Field name="Archived because" wide>
          {task.archivedReason}
        </Field>
      )}
      {task.archivedBy !== null && <Field name="Archived by">{task.archivedBy}</Field>}
      {task.lastRetryAt !== null && (
        <Field name="Retry asked for" wide>
          <Instant at={task.lastRetryAt} />
        </Field>
      )}
      <Field name="Created" wide>
        <Instant at={task.createdAt} />
      </Field>
      <Field name="Last written" wide>
        <Instant at={task.updatedAt} />
      </Field>
      <Field name="Message version">{task.messageVersion}</Field>
    </dl>
  );
}
