import { Textarea } from '@mantine/core';
import { useState } from 'react';

import { useApi } from '../api/api.js';
import type { ApiError } from '../api/errors.js';
import { ConfirmDialog } from '../components/confirm-dialog.js';
import styles from './actions.module.css';
import { makeMove } from './documents.js';
import { type Movable, type Move, MOVE_LOOKS } from './moves.js';

export interface MoveDialogProps {
  readonly move: Move;
  readonly task: Movable;
  readonly onClose: () => void;
}

const LONGEST_REASON = 2_048;

/** Asks, makes one move, and closes when the API has confirmed it. A refusal is said in the dialog. */
export function MoveDialog({ move, task, onClose }: MoveDialogProps) {
  const { queries } = useApi();
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const { label, meaning, danger, reason: need } = MOVE_LOOKS[move];
  const confirm = async () => {
    setBusy(true);
    setError(null);
    const refused = await makeMove(queries, move, task.executionId, reason);
    setBusy(false);
    if (refused === null) onClose();
    else setError(refused);
  };
  return (
    <ConfirmDialog
      opened
      title={`${label}?`}
      action={label}
      danger={danger}
      busy={busy}
      incomplete={need === 'required' && reason.trim() === ''}
      error={error}
      onConfirm={() => void confirm()}
      onClose={onClose}
    >
      <p className={styles['subject']}>
        <code>{task.taskId}</code>
      </p>
      <p className={styles['meaning']}>{meaning}</p>
      <ReasonInput need={need} value={reason} onChange={setReason} />
    </ConfirmDialog>
  );
}

interface ReasonInputProps {
  readonly need: 'required' | 'optional';
  readonly value: string;
  readonly disabled?: boolean;
  readonly onChange: (value: string) => void;
}

/** Why it is done; kept by the API. */
export function ReasonInput({ need, value, disabled = false, onChange }: ReasonInputProps) {
  return (
    <Textarea
      label={need === 'required' ? 'Reason' : 'Reason (optional)'}
      required={need === 'required'}
      withAsterisk={false}
      disabled={disabled}
      rows={2}
      maxLength={LONGEST_REASON}
      value={value}
      data-autofocus={need === 'required' || undefined}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
