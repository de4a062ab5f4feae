import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode, SyntheticEvent } from 'react';

import type { ApiError } from '../api/errors.js';
import { ErrorNotice } from './error-notice.js';

export interface ConfirmDialogProps {
  readonly opened: boolean;
  /** A question, e.g. `Archive this execution?` */
  readonly title: string;
  /** What the button does, e.g. `Archive`. */
  readonly action: string;
  /** Cannot be taken back: the button is red. */
  readonly danger?: boolean;
  readonly busy?: boolean;
  /** What is missing before it can be done, e.g. a reason; the button waits. */
  readonly incomplete?: boolean;
  readonly error?: ApiError | null;
  readonly children: ReactNode;
  onConfirm(): void;
  onClose(): void;
}

/** Asks before something is changed. Enter confirms, Escape does not. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { opened, title, action, danger = false, busy = false, incomplete = false, error = null, children, onConfirm, onClose } = props;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!busy && !incomplete) onConfirm();
  };
  return (
    <Modal opened={opened} onClose={onClose} title={title} centered closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <div>{children}</div>
          {error && <ErrorNotice title="It was not done" error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" color={danger ? 'red' : undefined} loading={busy} disabled={incomplete} data-autofocus={!incomplete || undefined}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
