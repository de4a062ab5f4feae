import { Button } from '@mantine/core';

import type { ApiError } from '../api/errors.js';
import { WarningIcon } from './icons.js';
import styles from './notices.module.css';

export interface ErrorNoticeProps {
  /** What did not work, e.g. `The queues could not be read`. */
  readonly title: string;
  readonly error: ApiError;
  readonly onRetry?: () => void;
}

/** Says what did not work and why, and offers to try again. */
export function ErrorNotice({ title, error, onRetry }: ErrorNoticeProps) {
  return (
    <div className={styles['error']} role="alert">
      <WarningIcon size={18} />
      <div>
        <strong>{title}.</strong> {error.message} {error.code !== 'UNKNOWN' && <span className={styles['code']}>{error.code}</span>}
      </div>
      {onRetry && (
        <Button size="xs" variant="default" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}
