import type { ReactNode } from 'react';

import { InboxIcon } from './icons.js';
import styles from './notices.module.css';

interface EmptyStateProps {
  readonly title: string;
  /** It is all there is on the page. */
  readonly page?: boolean;
  readonly children?: ReactNode;
}

/** Nothing is there, and that is no error: what it means and what to do. */
export function EmptyState({ title, page = false, children }: EmptyStateProps) {
  const Heading = page ? 'h1' : 'h2';
  return (
    <div className={styles['empty']}>
      <InboxIcon size={36} />
      <Heading>{title}</Heading>
      {children && <div>{children}</div>}
    </div>
  );
}
