import { Button, Group, Modal, Progress, Stack } from '@mantine/core';
import { useState } from 'react';

import { useApi } from '../api/api.js';
import { type ApiError, fromCombined } from '../api/errors.js';
import { ErrorNotice } from '../components/error-notice.js';
import { ACTION_LOOKS, executions, sumUp } from './actions.js';
import styles from './bulk.module.css';
import { CANCEL, type Operation } from './documents.js';
import { useOperation } from './use-operation.js';

interface OperationDialogProps {
  readonly id: string;
  readonly onClose: () => void;
}

/** An operation as it goes on: with its progress, its cancellation, and what became of it. Closing it leaves it alone. */
export function OperationDialog({ id, onClose }: OperationDialogProps) {
  const operation = useOperation(id);
  const title = operation === null ? 'Bulk operation' : ACTION_LOOKS[operation.action].question(executions(operation.matched)).replace('?', '');
  return (
    <Modal opened onClose={onClose} title={title} centered size="lg" closeButtonProps={{ 'aria-label': 'Close' }}>
      {operation === null ? <p role="status">Reading the operation…</p> : <OperationView operation={operation} onClose={onClose} />}
    </Modal>
  );
}

function OperationView({ operation, onClose }: { readonly operation: Operation; readonly onClose: () => void }) {
  const { queries } = useApi();
  const [cancelling, setCancelling] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const { id, state, matched, processed, failed, userErrors } = operation;
  const running = state === 'RUNNING';
  const text = sumUp(operation);
  const cancel = async () => {
    setCancelling(true);
    setError(null);
    const { data, error: trouble } = await queries.mutation(CANCEL, { id }).toPromise();
    setCancelling(false);
    setError(fromCombined(trouble) ?? data?.cancelBulkOperation.userErrors[0] ?? null);
  };
  return (
    <Stack gap="md">
      <Progress value={(processed / Math.max(1, matched)) * 100} aria-label={text} color={failed > 0 || state === 'FAILED' ? 'red' : undefined} size="lg" />
      <p className={styles['summary']} role="status" aria-live={running ? 'off' : 'polite'}>
        {text}
      </p>
      {running && <p className={styles['hint']}>It goes on when this is closed, or the page left: the server does it.</p>}
      {userErrors.length > 0 && (
        <ul className={styles['failures']} aria-label="Failed" tabIndex={0}>
          {userErrors.map(({ message }) => (
            <li key={message}>{message}</li>
          ))}
          {failed > userErrors.length && <li>and {(failed - userErrors.length).toLocaleString('en-US')} more</li>}
        </ul>
      )}
      {error !== null && <ErrorNotice title="It could not be cancelled" error={error} />}
      <Group justify="flex-end" gap="xs">
        {running && (
          <Button variant="default" loading={cancelling} onClick={() => void cancel()}>
            Cancel the rest
          </Button>
        )}
        <Button onClick={onClose} data-autofocus>
          Close
        </Button>
      </Group>
    </Stack>
  );
}
