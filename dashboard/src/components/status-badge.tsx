import type { TaskStatus } from '../api/graphql.js';
import { STATUS_LOOKS } from './status.js';
import styles from './status-badge.module.css';

/** Where an execution stands, in word and colour. */
export function StatusBadge({ status }: { readonly status: TaskStatus }) {
  const { label, key, meaning } = STATUS_LOOKS[status];
  return (
    <span className={styles['badge']} data-status={key} title={meaning}>
      {status === 'DLQ' ? 'Dead letter' : label}
    </span>
  );
}
