import type { Bytes } from './frame.js';

/** One event as it is sent: its result as JSON, shared by all members that are sent it. */
export interface Payload {
  readonly json: Bytes;
  /** Where to go on after this event, if the event says so. */
  readonly cursor: string | null;
  /** How many queues it waits in. */
  holders?: number;
}
