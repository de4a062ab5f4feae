import { Button } from '@mantine/core';
import { memo } from 'react';
import { Link } from 'wouter';

import { FailureSparkline } from '../charts/sparkline.js';
import { RelativeTime } from '../components/relative-time.js';
import { useOpenTask } from '../routing/open-task.js';
import { paths } from '../routing/paths.js';
import type { TaskFilter } from '../routing/task-filter.js';
import { formatCount } from '../time/format.js';
import type { ErrorGroup } from './documents.js';
import styles from './errors.module.css';
import { OTHER_ERRORS } from './groups.js';

interface GroupCardProps {
  readonly group: ErrorGroup;
  /** The range of time that is shown, in words. */
  readonly range: string;
  readonly fresh: boolean;
  /** The share of the most frequent group, 0 to 1. */
  readonly share: number;
  /** What finds the executions of this group. */
  readonly filter: TaskFilter;
  /** Null for who may not retry. */
  readonly onRetry: ((group: ErrorGroup) => void) | null;
}

const MOST_QUEUES = 4;

/** One group of errors: what went wrong, how often, where, and what to do about it. */
export const GroupCard = memo(function GroupCard({ group, range, fresh, share, filter, onRetry }: GroupCardProps) {
  const [, open] = useOpenTask();
  const { category, message, count, queueNames, firstSeenAt, lastSeenAt, failures, sample } = group;
  return (
    <article className={styles['group']} data-new={fresh || undefined}>
      <div className={styles['count']}>
        <strong>{formatCount(count)}</strong>
        <span className={styles['share']} aria-hidden="true">
          <span style={{ width: `${Math.max(2, share * 100)}%` }} />
        </span>
      </div>
      <div className={styles['trend']}>
        <FailureSparkline counts={failures.map((bucket) => bucket.count)} range={range} />
      </div>
      <div className={styles['what']}>
        <h2 title={message}>{message === '' ? 'Without a message' : message}</h2>
        <p>
          {fresh && <span className={styles['new']}>New</span>}
          <span className={styles['category']}>{category}</span>
          <span>
            last <RelativeTime at={lastSeenAt} />
          </span>
          <span>
            first <RelativeTime at={firstSeenAt} />
          </span>
          <span className={styles['queues']}>
            in{' '}
            {queueNames.slice(0, MOST_QUEUES).map((name, index) => (
              <span key={name}>
                {index > 0 && ', '}
                <Link href={paths.queue(name)}>{name}</Link>
              </span>
            ))}
            {queueNames.length > MOST_QUEUES && ` and ${formatCount(queueNames.length - MOST_QUEUES)} more`}
          </span>
        </p>
      </div>
      <div className={styles['actions']}>
        {message !== OTHER_ERRORS && (
          <Button size="xs" variant="default" component={Link} href={paths.tasks(filter)}>
            Show these tasks
          </Button>
        )}
        <Button size="xs" variant="default" onClick={() => open(sample.executionId)}>
          Newest
        </Button>
        {message !== OTHER_ERRORS && onRetry !== null && (
          <Button size="xs" variant="light" onClick={() => onRetry(group)}>
            Retry these
          </Button>
        )}
      </div>
    </article>
  );
});
