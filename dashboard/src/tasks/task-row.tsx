import { memo } from 'react';

import type { TaskRow } from '../api/live-tasks.js';
import { RelativeTime } from '../components/relative-time.js';
import { StatusBadge } from '../components/status-badge.js';
import { CellContent, Ran } from './cells.js';
import type { Column } from './columns.js';
import styles from './task-table.module.css';

export interface TaskRowProps {
  readonly task: TaskRow;
  readonly index: number;
  /** From the top of the list, in px. */
  readonly top: number;
  readonly columns: readonly Column[];
  readonly tracks: string;
  readonly narrow: boolean;
  readonly selected: boolean;
  readonly opened: boolean;
  readonly onOpen: (task: TaskRow) => void;
  readonly onSelect: (index: number, range: boolean) => void;
}

/** A row of the list; where there is little room, two lines with what matters most. */
export const Row = memo(function Row({ task, index, top, columns, tracks, narrow, selected, opened, onOpen, onSelect }: TaskRowProps) {
  const name = (
    <button
      type="button"
      className={styles['name']}
      data-row-focus
      title={task.taskId}
      aria-haspopup="dialog"
      onClick={(event) => {
        event.stopPropagation();
        onOpen(task);
      }}
    >
      {task.taskId}
    </button>
  );
  const box = (
    <input
      type="checkbox"
      aria-label={`Select ${task.taskId}`}
      checked={selected}
      onChange={() => undefined}
      onClick={(event) => {
        event.stopPropagation();
        onSelect(index, event.shiftKey);
      }}
    />
  );
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      data-selected={selected || undefined}
      className={styles['row']}
      data-index={index}
      data-narrow={narrow || undefined}
      data-opened={opened || undefined}
      style={{ transform: `translateY(${top}px)`, gridTemplateColumns: narrow ? undefined : tracks }}
      onClick={() => {
        // A text that was marked to be copied is no click.
        if (String(getSelection()) === '') onOpen(task);
      }}
    >
      <div role="cell" className={styles['box']}>
        {box}
      </div>
      {narrow ? (
        <>
          <div role="rowheader" className={styles['nameCell']}>
            {name}
          </div>
          <div role="cell" className={styles['line']}>
            <StatusBadge status={task.status} />
            <span className="tt-ellipsis" title={task.errorMessage ?? undefined}>
              {task.errorMessage ?? task.queueName}
            </span>
            <span>{task.status === 'PROCESSING' ? <Ran task={task} /> : <RelativeTime at={task.updatedAt} />}</span>
          </div>
        </>
      ) : (
        <>
          <div role="rowheader" className={styles['nameCell']}>
            {name}
          </div>
          {columns.map((column) => (
            <div key={column} role="cell" data-column={column}>
              <CellContent column={column} task={task} />
            </div>
          ))}
        </>
      )}
    </div>
  );
});
