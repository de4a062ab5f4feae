import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';

import { MoveButtons } from '../actions/index.js';
import { CopyButton } from '../components/copy-button.js';
import { EmptyState } from '../components/empty-state.js';
import { ErrorNotice } from '../components/error-notice.js';
import { StatusBadge } from '../components/status-badge.js';
import { Chain } from './chain.js';
import { Comparison } from './comparison.js';
import { Failure } from './failure.js';
import { Fields } from './fields.js';
import { MetadataTree } from './metadata-tree.js';
import styles from './task.module.css';
import type { LiveTask } from './use-task.js';

interface DetailsProps {
  readonly live: LiveTask;
  readonly executionId: string;
  readonly onOpen: (executionId: string) => void;
  /** Beside the buttons. */
  readonly aside?: ReactNode;
}

/** Everything about one execution: what can be done to it, its error, its attempts, its fields and data. */
export function Details({ live: { task, chain, error }, executionId, onOpen, aside }: DetailsProps) {
  if (task === undefined && error !== null) return <ErrorNotice title="The execution could not be read" error={error} />;
  if (task === undefined) return <Skeleton height={420} />;
  if (task === null) {
    return (
      <EmptyState title="There is no such execution">
        <code className={styles['missing']}>{executionId}</code> may have been deleted, or not been enqueued yet: it appears here as soon as it is there.
      </EmptyState>
    );
  }
  return (
    <div className={styles['details']}>
      <div className={styles['top']}>
        <StatusBadge status={task.status} />
        <MoveButtons task={task} />
        {aside}
      </div>
      {error !== null && <ErrorNotice title="Not everything could be read" error={error} />}
      {task.irregularities.length > 0 && (
        <ul className={styles['irregular']} aria-label="Irregularities">
          {task.irregularities.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      {(task.errorMessage !== null || task.errorCategory !== null || task.errorStack !== null) && <Failure task={task} />}
      {chain !== null && <Chain chain={chain} executionId={task.executionId} onOpen={onOpen} />}
      <section className={styles['section']} aria-labelledby="task-metadata">
        <div className={styles['sectionHead']}>
          <h2 id="task-metadata">Metadata</h2>
          <CopyButton text={() => JSON.stringify(task.metadata, null, 2)} of="metadata as JSON" />
        </div>
        <MetadataTree metadata={task.metadata} />
      </section>
      {chain !== null && chain.attempts.length > 1 && <Comparison attempts={chain.attempts} task={task} key={task.executionId} />}
      <section className={styles['section']} aria-labelledby="task-fields">
        <div className={styles['sectionHead']}>
          <h2 id="task-fields">Fields</h2>
          <CopyButton text={() => JSON.stringify(task, null, 2)} of="the execution as JSON" />
        </div>
        <Fields task={task} />
      </section>
    </div>
  );
}
