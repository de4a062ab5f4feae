import { Button, Group, Modal, Progress as Bar, Stack } from '@mantine/core';
import { type SubmitEvent, useEffect, useRef, useState } from 'react';

import { useApi } from '../api/api.js';
import { formatCount } from '../time/format.js';
import styles from './actions.module.css';
import { makeMove } from './documents.js';
import { ReasonInput } from './move-dialog.js';
import { executions, type Movable, type Move, MOVE_LOOKS, sortOut } from './moves.js';
import { type Progress, runAll, settledCount } from './run-all.js';

export interface BatchDialogProps {
  readonly move: Move;
  readonly tasks: readonly Movable[];
  /** `changed`: at least one move was made. */
  readonly onClose: (changed: boolean) => void;
}

/** Enough to be quick, few enough to leave the database to its workers. */
const AT_A_TIME = 4;
const SAMPLE = 5;
const MOST_REFUSALS = 100;

/**
 * Asks, then makes a move to each of many executions, a few at a time: with progress, with a cancel that leaves the rest
 * alone, and with every refusal by name.
 */
export function BatchDialog({ move, tasks, onClose }: BatchDialogProps) {
  const { queries } = useApi();
  // What was chosen when the dialog opened: rows that change or leave meanwhile do not change the question.
  const [{ possible, impossible }] = useState(() => sortOut(move, tasks));
  const [reason, setReason] = useState('');
  const [progress, setProgress] = useState<Progress<Movable> | null>(null);
  const cancel = useRef<AbortController>(null);
  useEffect(() => () => cancel.current?.abort(), []);
  const look = MOVE_LOOKS[move];

  const start = (event: SubmitEvent) => {
    event.preventDefault();
    if (progress !== null || possible.length === 0 || (look.reason === 'required' && reason.trim() === '')) return;
    const controller = new AbortController();
    cancel.current = controller;
    setProgress({ total: possible.length, succeeded: 0, refusals: [], state: 'running' });
    void runAll(possible, ({ executionId }) => makeMove(queries, move, executionId, reason), {
      concurrency: AT_A_TIME,
      signal: controller.signal,
      onProgress: setProgress,
    });
  };
  const close = () => onClose(progress !== null && progress.succeeded > 0);
  const running = progress?.state === 'running';

  return (
    <Modal
      opened
      onClose={running ? () => cancel.current?.abort() : close}
      closeOnClickOutside={!running}
      title={look.question(possible.length)}
      centered
      size="lg"
      closeButtonProps={{ 'aria-label': running ? 'Cancel' : 'Close' }}
    >
      <form onSubmit={start}>
        <Stack gap="md">
          {progress === null ? (
            <>
              <p className={styles['meaning']}>{look.meaning}</p>
              {impossible > 0 && <p className={styles['note']}>{`${formatCount(impossible)} of ${formatCount(tasks.length)} cannot be: left out.`}</p>}
              <Sample tasks={possible} />
              <ReasonInput need={look.reason} value={reason} onChange={setReason} />
            </>
          ) : (
            <Outcome move={move} progress={progress} />
          )}
          <Group justify="flex-end" gap="xs">
            {progress === null && (
              <>
                <Button variant="default" onClick={close}>
                  Cancel
                </Button>
                <Button
                  type="submit"
                  color={look.danger ? 'red' : undefined}
                  disabled={possible.length === 0 || (look.reason === 'required' && reason.trim() === '')}
                  data-autofocus={look.reason === 'optional' || undefined}
                >
                  {look.label}
                </Button>
              </>
            )}
            {running && (
              <Button variant="default" onClick={() => cancel.current?.abort()}>
                Cancel the rest
              </Button>
            )}
            {progress !== null && !running && <Button onClick={close}>Close</Button>}
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function Sample({ tasks }: { readonly tasks: readonly Movable[] }) {
  if (tasks.length === 0) return null;
  return (
    <ul className={styles['sample']} aria-label="What it is about">
      {tasks.slice(0, SAMPLE).map(({ executionId, taskId }) => (
        <li key={executionId} title={taskId}>
          {taskId}
        </li>
      ))}
      {tasks.length > SAMPLE && <li>and {formatCount(tasks.length - SAMPLE)} more</li>}
    </ul>
  );
}

/** In words, for those who look and for those who listen. */
export function sumUp(move: Move, progress: Progress<unknown>): string {
  const { done, doing } = MOVE_LOOKS[move];
  const { total, succeeded, refusals, state } = progress;
  if (state === 'running') return `${doing} ${formatCount(settledCount(progress))} of ${formatCount(total)}`;
  const left = total - settledCount(progress);
  const parts = [`${done} ${executions(succeeded)}`];
  if (refusals.length > 0) parts.push(`${formatCount(refusals.length)} refused`);
  if (left > 0) parts.push(`${formatCount(left)} not tried${state === 'stopped' ? ', because the server did not answer' : ''}`);
  return `${parts.join(', ')}.`;
}

function Outcome({ move, progress }: { readonly move: Move; readonly progress: Progress<Movable> }) {
  const { total, refusals, state } = progress;
  const text = sumUp(move, progress);
  return (
    <>
      <Bar value={(settledCount(progress) / Math.max(1, total)) * 100} aria-label={text} color={refusals.length > 0 ? 'red' : undefined} size="lg" />
      <p className={styles['summary']} role="status" aria-live={state === 'running' ? 'off' : 'polite'}>
        {text}
      </p>
      {refusals.length > 0 && (
        <ul className={styles['refusals']} aria-label="Refused" tabIndex={0}>
          {refusals.slice(0, MOST_REFUSALS).map(({ item, error }) => (
            <li key={item.executionId}>
              <code>{item.taskId}</code>
              <span>{error.message}</span>
            </li>
          ))}
          {refusals.length > MOST_REFUSALS && <li>and {formatCount(refusals.length - MOST_REFUSALS)} more</li>}
        </ul>
      )}
    </>
  );
}
