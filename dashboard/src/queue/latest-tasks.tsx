import { Skeleton } from '@mantine/core';
import { useRef } from 'react';
import { Link } from 'wouter';

import { useLiveTasks } from '../api/live-tasks.js';
import { Duration } from '../components/duration.js';
import { ErrorNotice } from '../components/error-notice.js';
import { RelativeTime } from '../components/relative-time.js';
import { StatusBadge } from '../components/status-badge.js';
import { useListKeys } from '../components/use-list-keys.js';
import { useOpenTask } from '../routing/open-task.js';
import { paths } from '../routing/paths.js';
import type { TaskOrder } from '../routing/task-filter.js';
import styles from './queue.module.css';

const SHOWN = 20;
const NEWEST_WRITTEN: TaskOrder = { field: 'UPDATED_AT', direction: 'DESC' };
const ALREADY_DRAWN = () => undefined;

/** What was written last in this queue, live. */
export function LatestTasks({ name }: { readonly name: string }) {
  const { tasks, waiting, error } = useLiveTasks({ filter: { queueName: [name] }, orderBy: NEWEST_WRITTEN, first: SHOWN });
  const [, open] = useOpenTask();
  const list = useRef<HTMLTableSectionElement>(null);
  const { onKeyDown } = useListKeys({ count: tasks.length, show: ALREADY_DRAWN, container: list });
  return (
    <section className={styles['section']} aria-labelledby="queue-tasks">
      <header className={styles['sectionHead']}>
        <h2 id="queue-tasks">Latest tasks</h2>
        <Link href={paths.tasks({ queueName: [name] })}>All tasks of this queue</Link>
      </header>
      {error && <ErrorNotice title="The tasks could not be read" error={error} />}
      {waiting && error === null && <Skeleton height={200} />}
      {tasks.length > 0 && (
        <table className={styles['tasks']}>
          <thead>
            <tr>
              <th scope="col">Task</th>
              <th scope="col">Status</th>
              <th scope="col">Attempt</th>
              <th scope="col">Waited</th>
              <th scope="col">Ran</th>
              <th scope="col">Changed</th>
            </tr>
          </thead>
          <tbody ref={list} onKeyDown={onKeyDown}>
            {tasks.map(({ id, taskId, executionId, status, retryCount, waitMs, runMs, updatedAt, errorMessage }, index) => (
              <tr key={id} data-index={index}>
                <th scope="row">
                  <button type="button" className="tt-ellipsis" data-row-focus title={taskId} onClick={() => open(executionId)}>
                    {taskId}
                  </button>
                  {errorMessage !== null && (
                    <small className="tt-ellipsis" title={errorMessage}>
                      {errorMessage}
                    </small>
                  )}
                </th>
                <td>
                  <StatusBadge status={status} />
                </td>
                <td>{retryCount + 1}</td>
                <td>
                  <Duration ms={waitMs} />
                </td>
                <td>
                  <Duration ms={runMs} />
                </td>
                <td>
                  <RelativeTime at={updatedAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
