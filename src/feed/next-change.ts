import type { mongo } from 'mongoose';

/** The stream was closed on this side, or ended by the database: its collection was dropped or renamed. */
export class ClosedStreamError extends Error {
  override name = 'ClosedStreamError';
}

/**
 * The next change, or null when the database has none for now. Of a stream that has ended the driver says the same, at once and
 * without asking: whoever goes on to wait for changes would leave no turn to anything else.
 * @throws ClosedStreamError, and what breaks the stream
 */
export async function nextChange(stream: mongo.ChangeStream): Promise<mongo.ChangeStreamDocument | null> {
  const change = await stream.tryNext();
  if (change === null && stream.closed) throw new ClosedStreamError('the change stream is closed');
  return change;
}
