import { Link, useLocation } from 'wouter';

import { CopyButton } from '../components/copy-button.js';
import { usePageTitle } from '../layout/page-title.js';
import { paths } from '../routing/paths.js';
import { Details } from './details.js';
import styles from './task.module.css';
import { useTask } from './use-task.js';

/** The same as a page of its own: to be linked to from elsewhere. */
export default function TaskPage({ executionId }: { readonly executionId: string }) {
  const live = useTask(executionId);
  const [, navigate] = useLocation();
  const name = live.task?.taskId ?? executionId;
  usePageTitle(name);
  return (
    <>
      <nav aria-label="Path" className={styles['path']}>
        <Link href={paths.tasks()}>Tasks</Link> <span aria-hidden="true">/</span>
      </nav>
      <div className={styles['pageTitle']}>
        <h1>{name}</h1>
        <CopyButton text={name} of="the name" />
      </div>
      <Details live={live} executionId={executionId} onOpen={(other) => navigate(paths.task(other))} />
    </>
  );
}
