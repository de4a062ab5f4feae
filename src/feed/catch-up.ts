import { setImmediate as nextTurn } from 'node:timers/promises';

import { InvalidInputError } from '../model/errors.js';
import type { ChangeSource, RawChange } from './change-source.js';
import { classifyStreamError } from './classify-error.js';
import type { Position } from './cursor.js';
import { CursorExpiredError } from './errors.js';
import { isDocumentChange, type EventMaker, type PositionedEvent } from './to-event.js';

export interface CatchUpOptions {
  readonly from: Position;
  readonly source: Pick<ChangeSource, 'replay'>;
  readonly maker: EventMaker;
  /** Where the live feed stands now: the number of its newest event. */
  readonly liveSeq: () => number;
  /** The live number of an event that memory holds, by its token; null where it does not hold it. */
  readonly liveSeqOf: (change: RawChange) => number | null;
  /** Takes one past event; resolves when the reader has room for more. False ends the catch-up. */
  readonly deliver: (event: PositionedEvent) => Promise<boolean>;
  readonly cancelled: () => boolean;
  /** Numbers of past events mean nothing in the live feed: they are marked with this epoch. */
  readonly epoch: string;
}

/** Where to join the live feed: behind this number, leaving out what was already delivered. */
export interface JoinPoint {
  readonly afterSeq: number;
  readonly delivered: ReadonlySet<string>;
  /** The place behind the last delivered event: where to go on if memory has moved past `afterSeq` meanwhile. */
  readonly last: Position;
}

/** A long past must not hold up those who are live. */
const CHANGES_PER_TURN = 100;

/** How many delivered tokens are remembered: what the live feed may be behind the catch-up when they meet. */
const REMEMBERED_TOKENS = 20_000;

/** An empty answer may be that of the command that opens the stream, before it has looked. */
const EMPTY_ANSWERS_AT_THE_END = 2;

export function expired(cause: unknown): CursorExpiredError {
  return new CursorExpiredError(
    'This cursor points to a time that the database no longer remembers: list again, and watch after the new feedCursor.',
    { cause },
  );
}

/** What a failed replay means for the client that holds the cursor. */
export function replayError(error: unknown): unknown {
  switch (classifyStreamError(error, true)) {
    case 'history-lost':
      return expired(error);
    case 'token-refused':
      return new InvalidInputError(['after'], 'after: the database does not know this cursor. Pass the feedCursor of a page or the cursor of an event, unchanged.', {
        cause: error,
      });
    default:
      return error;
  }
}

/**
 * Replays the past of one subscriber by a stream of its own, up to the point where the live feed takes over.
 *
 * It ends at the first event that the live feed's memory holds too; from there memory is complete. Where nothing
 * happens any more no such event comes: then it ends when the database has nothing further, and everything up to the
 * number that the live feed had reached *before* that last question has been delivered. Both streams carry the same
 * order, so what the catch-up was ahead of the live feed is left out by token when the two are joined.
 *
 * @returns null where the subscriber went away
 * @throws CursorExpiredError, InvalidInputError, or the driver's error
 */
export async function catchUp(options: CatchUpOptions): Promise<JoinPoint | null> {
  const { from, source, maker, deliver, cancelled } = options;
  const delivered = new Set<string>();
  const stream = source.replay(from.token);
  let last = from;
  let seq = 0;
  let empty = 0;
  try {
    for (;;) {
      const liveSeq = options.liveSeq();
      const change = await stream.tryNext();
      if (cancelled()) return null;
      if (change === null) {
        empty += 1;
        if (empty >= EMPTY_ANSWERS_AT_THE_END) return { afterSeq: liveSeq, delivered, last };
        continue;
      }
      if (!isDocumentChange(change)) {
        throw expired(new Error(`the collection saw ${change.operationType} since then`));
      }
      const known = options.liveSeqOf(change);
      if (known !== null) return { afterSeq: known - 1, delivered, last };
      seq += 1;
      const time = change.clusterTime ? { t: change.clusterTime.t, i: change.clusterTime.i } : null;
      const event = await maker.make(change, { epoch: options.epoch, seq, time, token: change._id._data });
      last = event.position;
      delivered.add(last.token);
      if (delivered.size > REMEMBERED_TOKENS) delivered.delete(delivered.values().next().value as string);
      if (!(await deliver(event))) return null;
      if (seq % CHANGES_PER_TURN === 0) await nextTurn();
    }
  } finally {
    await stream.close().catch(() => undefined);
  }
}
