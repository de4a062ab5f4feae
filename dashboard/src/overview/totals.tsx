import { Skeleton } from '@mantine/core';
import { Link } from 'wouter';

import { STATUS_LOOKS } from '../components/status.js';
import { LIFE } from '../components/status.js';
import { Sparkline } from '../charts/sparkline.js';
import { recentRate } from '../charts/throughput.js';
import { useMinutes } from '../charts/use-minutes.js';
import { paths } from '../routing/paths.js';
import { formatCount, formatShortCount } from '../time/format.js';
import type { totalsOf } from './rows.js';
import styles from './totals.module.css';

/** All queues together: how many stand in each status, and what ended in the last hour. */
export function Totals({ totals }: { readonly totals: ReturnType<typeof totalsOf> | null }) {
  const { minutes, failed } = useMinutes(null);
  return (
    <ul className={styles['totals']} aria-label="All queues together">
      {LIFE.map((status) => {
        const { label, key } = STATUS_LOOKS[status];
        return (
          <li key={status} className={styles['tile']} data-status={key}>
            <Link href={paths.tasks({ status: [status] })} className={styles['link']}>
              <span className={styles['label']}>{label}</span>
              {totals === null ? (
                <Skeleton height={28} width={64} mt={4} />
              ) : (
                <span className={styles['value']} data-zero={totals[key] === 0 || undefined}>
                  {formatCount(totals[key])}
                </span>
              )}
            </Link>
          </li>
        );
      })}
      <li className={styles['tile']} data-wide>
        <span className={styles['label']}>
          Ended per minute
          {minutes !== null && <b>{formatShortCount(recentRate(minutes))}</b>}
        </span>
        {failed && minutes === null ? <span className={styles['none']}>not available</span> : <Sparkline minutes={minutes} height={34} />}
      </li>
    </ul>
  );
}
