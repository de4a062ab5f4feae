import { Button } from '@mantine/core';
import { useState } from 'react';

import { useMay } from '../api/caller.js';
import styles from './actions.module.css';
import { MoveDialog } from './move-dialog.js';
import { type Movable, type Move, MOVE_LOOKS, MOVES, obstacle } from './moves.js';

export { BatchDialog } from './batch-dialog.js';
export { type Movable, type Move, MOVE_LOOKS, MOVES, sortOut } from './moves.js';

/** What can be done to one execution by who looks, a button each; nothing where nothing can be done. */
export function MoveButtons({ task }: { readonly task: Movable }) {
  const [asked, setAsked] = useState<Move | null>(null);
  const mayMove = useMay('OPERATE');
  const possible = mayMove ? MOVES.filter((move) => obstacle(move, task) === null) : [];
  return (
    <>
      {possible.length > 0 && (
        <div className={styles['moves']}>
          {possible.map((move) => (
            <Button key={move} size="xs" variant={move === 'retry' ? 'filled' : 'default'} onClick={() => setAsked(move)}>
              {MOVE_LOOKS[move].label}
            </Button>
          ))}
        </div>
      )}
      {asked !== null && <MoveDialog move={asked} task={task} onClose={() => setAsked(null)} />}
    </>
  );
}
