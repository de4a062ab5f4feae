import type { ServerResponse } from 'node:http';

import { ReadDeadline } from '../queries/deadline.js';

/** A deadline that ends when the client goes away before it was answered, too. */
export function requestDeadline(response: ServerResponse, limitMs: number): ReadDeadline {
  const deadline = new ReadDeadline(limitMs);
  response.once('close', () => {
    if (!response.writableFinished) deadline.abandon();
  });
  return deadline;
}
