import type { ReactNode } from 'react';

import { InboxIcon } from './icons.js';
import styles from './notices.module.css';

/** Nothing is there, and that is no error: what it means and what to do. */
export function EmptyState({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className={styles['empty']}>
      <InboxIcon size={36} />
      <h2>{title}</h2>
      {children && <div>{children}</div>}
    </div>
  );
}
