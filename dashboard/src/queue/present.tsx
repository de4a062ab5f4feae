import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';

import type { QueueCounts } from '../api/queue-counts.js';
import { Count } from '../components/count.js';
import { RelativeTime } from '../components/relative-time.js';
import { LIFE, STATUS_LOOKS } from '../components/status.js';
import { paths } from '../routing/paths.js';
import { formatAge } from '../time/format.js';
import styles from './present.module.css';

interface QueuePresentProps {
  readonly name: string;
  /** null while they are on their way. */
  readonly counts: QueueCounts | null;
  readonly oldestQueuedAt: string | null;
  readonly stuckCount: number;
}

function Item({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className={styles['item']}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** How many stand in each status now, each a link to those tasks; what waits longest; what is stuck. */
export function QueuePresent({ name, counts, oldestQueuedAt, stuckCount }: QueuePresentProps) {
  const statuses = counts !== null && counts.unknown > 0 ? [...LIFE, 'UNKNOWN' as const] : LIFE;
  return (
    <dl className={styles['present']}>
      {statuses.map((status) => {
        const { label, key } = STATUS_LOOKS[status];
        return (
          <Item label={label} key={status}>
            {counts === null ? (
              <Skeleton height={22} width={44} />
            ) : (
              <Link href={paths.tasks({ queueName: [name], status: [status] })}>
                <Count value={counts[key]} of={key} />
              </Link>
            )}
          </Item>
        );
      })}
      <Item label="Oldest queued">{oldestQueuedAt !== null && counts?.queued !== 0 ? <RelativeTime at={oldestQueuedAt} format={formatAge} /> : '–'}</Item>
      <Item label="Stuck">
        <span className={stuckCount > 0 ? styles['stuck'] : styles['none']} title="Processing for more than 30 minutes">
          {stuckCount}
        </span>
      </Item>
    </dl>
  );
}
