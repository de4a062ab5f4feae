import { Button } from '@mantine/core';
import { useState } from 'react';

import { BatchDialog, type Move, MOVE_LOOKS, MOVES, sortOut } from '../actions/index.js';
import { useMay } from '../api/caller.js';
import { formatCount } from '../time/format.js';
import type { Selection } from './selection.js';
import styles from './tasks.module.css';

/** What can be done to the rows that are ticked. */
export function SelectionBar({ selection }: { readonly selection: Selection }) {
  const mayMove = useMay('OPERATE');
  const [asked, setAsked] = useState<Move | null>(null);
  const { size, tasks, clear } = selection;
  if (size === 0 && asked === null) return null;
  return (
    <>
      <section aria-label="Selection" className={styles['selection']}>
        <span role="status">
          <strong>{formatCount(size)}</strong> selected
        </span>
        {(mayMove ? MOVES : []).map((move) => {
          const count = sortOut(move, tasks).possible.length;
          return (
            <Button key={move} size="xs" variant={move === 'retry' ? 'filled' : 'default'} disabled={count === 0} onClick={() => setAsked(move)}>
              {MOVE_LOOKS[move].label}
              {count > 0 && count < size ? ` ${formatCount(count)}` : ''}
            </Button>
          );
        })}
        <Button size="xs" variant="subtle" onClick={clear}>
          Clear
        </Button>
      </section>
      {asked !== null && (
        <BatchDialog
          move={asked}
          tasks={tasks}
          onClose={(changed) => {
            setAsked(null);
            if (changed) clear();
          }}
        />
      )}
    </>
  );
}
