import { Skeleton } from '@mantine/core';
import { Link } from 'wouter';

import { useApiQuery, useLiveEvents } from '../api/hooks.js';
import { useThrottled } from '../api/use-throttled.js';
import { ErrorNotice } from '../components/error-notice.js';
import { RelativeTime } from '../components/relative-time.js';
import { paths } from '../routing/paths.js';
import { formatCount } from '../time/format.js';
import { QUEUE_ERROR_CHANGED, QUEUE_ERRORS } from './documents.js';
import styles from './queue.module.css';

const ASK_AGAIN_MS = 1_000;
/** The API widens the range to whole minutes; asking anew for each of them tells nothing new. */
const FROM_STEP_MS = 300_000;

/** The failures of the queue since then, by what went wrong; the most frequent first. */
export function QueueErrors({ name, from }: { readonly name: string; readonly from: number }) {
  const since = new Date(from - (from % FROM_STEP_MS)).toISOString();
  const { data, error, refetch } = useApiQuery(QUEUE_ERRORS, { name, from: since });
  const askAgain = useThrottled(refetch, ASK_AGAIN_MS);
  useLiveEvents(QUEUE_ERROR_CHANGED, { name }, askAgain);
  const groups = data?.errorGroups;
  return (
    <section className={styles['section']} aria-labelledby="queue-errors">
      <header className={styles['sectionHead']}>
        <h2 id="queue-errors">Errors</h2>
        <Link href={paths.errors(name)}>All errors of this queue</Link>
      </header>
      {error && <ErrorNotice title="The errors could not be read" error={error} onRetry={refetch} />}
      {groups === undefined && error === null && <Skeleton height={90} />}
      {groups?.length === 0 && <p className={styles['quiet']}>No failure in this range.</p>}
      {groups !== undefined && groups.length > 0 && (
        <ul className={styles['groups']}>
          {groups.map(({ fingerprint, category, message, count, firstSeenAt, lastSeenAt }) => (
            <li key={fingerprint}>
              <span className={styles['groupCount']}>{formatCount(count)}</span>
              <span className={styles['groupText']}>
                <Link href={paths.tasks({ queueName: [name], fingerprint })} title={message} className="tt-ellipsis">
                  {message}
                </Link>
                <small>
                  {category} · last <RelativeTime at={lastSeenAt} /> · first <RelativeTime at={firstSeenAt} />
                </small>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
