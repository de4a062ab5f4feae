import { formatCount } from '../time/format.js';
import styles from './count.module.css';
import type { StatusLook } from './status.js';

/** A number of executions; a zero steps back, and what needs attention has the colour of its status. */
export function Count({ value, of }: { readonly value: number; readonly of?: StatusLook['key'] }) {
  return (
    <span className={styles['count']} data-zero={value === 0 || undefined} data-of={of}>
      {formatCount(value)}
    </span>
  );
}
