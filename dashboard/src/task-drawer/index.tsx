import { Drawer } from '@mantine/core';
import { Link } from 'wouter';

import { useOpenTask } from '../routing/open-task.js';
import { paths } from '../routing/paths.js';
import { Details } from './details.js';
import styles from './task.module.css';
import { useTask } from './use-task.js';

export interface TaskDrawerProps {
  readonly executionId: string;
  readonly onClose: () => void;
}

/** One execution in full, over whatever view is open. */
export default function TaskDrawer({ executionId, onClose }: TaskDrawerProps) {
  const live = useTask(executionId);
  const [, open] = useOpenTask();
  const name = live.task?.taskId ?? executionId;
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={680}
      title={
        <span className={styles['title']} title={name}>
          {name}
        </span>
      }
      classNames={{ header: styles['header'] ?? '', title: styles['titleBox'] ?? '', body: styles['body'] ?? '' }}
      closeButtonProps={{ 'aria-label': 'Close' }}
      transitionProps={{ duration: 120 }}
    >
      <Details
        live={live}
        executionId={executionId}
        onOpen={open}
        aside={
          <Link href={paths.task(executionId)} className={styles['page']}>
            Open as a page
          </Link>
        }
      />
    </Drawer>
  );
}
