import { Button, Group, Modal, NativeSelect, Stack, Textarea, TextInput } from '@mantine/core';
import { type SubmitEvent, useState } from 'react';

import { useApi } from '../api/api.js';
import { type ApiError, fromCombined } from '../api/errors.js';
import { ErrorNotice } from '../components/error-notice.js';
import { ACTION_LOOKS, BULK_ACTIONS, executions, likelyAction } from './actions.js';
import styles from './bulk.module.css';
import { BULK, type BulkAction, type BulkInput } from './documents.js';
import type { BulkRequest } from './provider.js';
import { type Previewed, usePreview } from './use-preview.js';

interface BulkDialogProps {
  readonly request: BulkRequest;
  readonly onBegun: (id: string) => void;
  readonly onClose: () => void;
}

const SAMPLE = 5;
const LONGEST_REASON = 2_048;

/** Asks what to do to all executions that match a filter, says how many that are, and begins. */
export function BulkDialog({ request, onBegun, onClose }: BulkDialogProps) {
  const { queries } = useApi();
  const [action, setAction] = useState<BulkAction>(request.action ?? likelyAction(request.filter.status));
  const [reason, setReason] = useState('');
  const [limit, setLimit] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const look = ACTION_LOOKS[action];
  const given = reason.trim();
  const input: BulkInput = {
    action,
    filter: request.filter as BulkInput['filter'],
    reason: given === '' ? null : given,
    ...(/^\d{1,9}$/.test(limit.trim()) && { limit: Number(limit) }),
  };
  const previewed = usePreview(input);
  const matched = previewed?.preview?.matched ?? 0;
  const count = Math.min(matched, input.limit ?? matched);
  const incomplete = busy || previewed?.error !== null || count === 0 || (look.reason === 'required' && given === '');

  const begin = async (event: SubmitEvent) => {
    event.preventDefault();
    if (incomplete) return;
    setBusy(true);
    setError(null);
    const { data, error: trouble } = await queries.mutation(BULK, { input }).toPromise();
    setBusy(false);
    const operation = data?.bulk.operation;
    if (operation) onBegun(operation.id);
    else setError(fromCombined(trouble) ?? data?.bulk.userErrors[0] ?? null);
  };

  return (
    <Modal
      opened
      onClose={onClose}
      title={previewed?.preview ? look.question(executions(count)) : `${look.label}: all that match`}
      centered
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form onSubmit={(event) => void begin(event)}>
        <Stack gap="md">
          {request.action === undefined && (
            <NativeSelect
              label="What to do"
              value={action}
              onChange={(event) => setAction(event.currentTarget.value as BulkAction)}
              data={BULK_ACTIONS.map((value) => ({ value, label: ACTION_LOOKS[value].label }))}
            />
          )}
          <p className={styles['meaning']}>{look.meaning}</p>
          <Matches previewed={previewed} />
          <TextInput
            label="At most (optional)"
            inputMode="numeric"
            value={limit}
            onChange={(event) => setLimit(event.currentTarget.value)}
            error={limit.trim() !== '' && input.limit === undefined ? 'A whole number' : undefined}
          />
          <Textarea
            label={look.reason === 'required' ? 'Reason' : 'Reason (optional)'}
            required={look.reason === 'required'}
            withAsterisk={false}
            rows={2}
            maxLength={LONGEST_REASON}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {error !== null && <ErrorNotice title="It was not begun" error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" color={look.danger ? 'red' : undefined} disabled={incomplete} loading={busy}>
              {look.label}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function Matches({ previewed }: { readonly previewed: Previewed | null }) {
  if (previewed === null) return <p role="status">Counting…</p>;
  const { preview, error } = previewed;
  if (preview === null) return error && <ErrorNotice title="What matches could not be counted" error={error} />;
  const { matched, sample } = preview;
  return (
    <>
      <p className={styles['summary']} role="status">
        {matched === 0 ? 'Nothing in this list can be dealt with like that.' : `${executions(matched)} ${matched === 1 ? 'matches' : 'match'} now. Others in the list are left alone.`}
      </p>
      {error !== null && <p className={styles['note']}>{error.message}</p>}
      {sample.length > 0 && (
        <ul className={styles['sample']} aria-label="The first of them">
          {sample.slice(0, SAMPLE).map(({ executionId, taskId }) => (
            <li key={executionId} title={taskId}>
              {taskId}
            </li>
          ))}
          {matched > SAMPLE && <li>and {(matched - SAMPLE).toLocaleString('en-US')} more</li>}
        </ul>
      )}
    </>
  );
}
