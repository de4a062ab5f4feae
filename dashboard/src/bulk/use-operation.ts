import { useState } from 'react';

import { useLiveEvents } from '../api/hooks.js';
import { type Operation, PROGRESS } from './documents.js';

/** An operation as it goes on, to its end; null until it is known. */
export function useOperation(id: string): Operation | null {
  const [operation, setOperation] = useState<Operation | null>(null);
  const current = operation?.id === id ? operation : null;
  const ended = current !== null && current.state !== 'RUNNING';
  // One that has ended has nothing more to tell, and its subscription would begin again and again.
  useLiveEvents(PROGRESS, ended ? null : { id }, (data) => setOperation(data.bulkOperationProgress));
  return current;
}
