import type { Duplex } from 'node:stream';

import { type Bytes, textFrame, utf8 } from './frame.js';
import type { Payload } from './payload.js';
import { QueuedPayloads } from './queued-payloads.js';
import type { WriteRounds } from './write-rounds.js';

/** Bytes that may wait in this process for one connection before its subscriptions hold back, each with its own bound. */
const HIGH_WATER = 128 * 1024;
/** With more than this waiting it is answers that the client does not read: subscriptions hold back long before. */
const OVERFULL = 1024 * 1024;
/** As much is written at once: what still waits to be written must not look like a client that does not read. */
const FULL_CHUNK = 64 * 1024;

type Written = (error?: Error | null) => void;

/** How many messages were written: to all connections of a server together. */
export interface SentCounts {
  eventsSent: number;
  answersSent: number;
}

/**
 * Everything that one WebSocket connection is sent as text, in order. What is produced within one turn of the event loop
 * leaves in one write: answers at the end of the turn, events in the next round of the server's. It writes whole frames to
 * the connection's own stream, beside `ws`, which writes its control frames whole and at once (no compression is
 * negotiated): frames never mix.
 */
export class ConnectionWriter {
  readonly #stream: Duplex;
  readonly #rounds: WriteRounds;
  #pending: Bytes = '';
  #written: Written[] = [];
  #inRound = false;
  readonly #waiting = new Set<() => void>();
  readonly #queueBytes: number;
  readonly #all: QueuedPayloads;
  readonly #sent: SentCounts;
  #queued = 0;

  /**
   * @param queueBytes what may wait for this connection in the queues of its subscriptions, all together
   * @param all what waits for all connections
   * @param sent is counted up
   */
  constructor(stream: Duplex, queueBytes: number, rounds: WriteRounds, all = new QueuedPayloads(Number.POSITIVE_INFINITY), sent: SentCounts = { eventsSent: 0, answersSent: 0 }) {
    this.#stream = stream;
    this.#queueBytes = queueBytes;
    this.#rounds = rounds;
    this.#all = all;
    this.#sent = sent;
    stream.on('drain', () => this.#relieve());
    stream.once('close', () => this.#relieve());
  }

  /** True while the client has not taken what it was sent: whoever has more must wait for `whenRelieved`. */
  get congested(): boolean {
    return this.#stream.writableLength + this.#pending.length > HIGH_WATER;
  }

  /** True while so much waits that nothing more should be asked by this client: it is to be read from no further. */
  get overfull(): boolean {
    return this.#stream.writableLength + this.#pending.length > OVERFULL;
  }

  /** Bytes that wait for this connection in the queues of its subscriptions. */
  get queued(): number {
    return this.#queued;
  }

  /** Makes room for a payload in the queue of one subscription. @returns false where that is more than may wait */
  reserve(payload: Payload): boolean {
    const bytes = payload.json.length;
    if (this.#queued + bytes > this.#queueBytes || !this.#all.hold(payload)) return false;
    this.#queued += bytes;
    return true;
  }

  release(payload: Payload): void {
    this.#queued -= payload.json.length;
    this.#all.letGo(payload);
  }

  /** Calls back once, when the client has taken what it was sent (or is gone). */
  whenRelieved(callback: () => void): void {
    this.#waiting.add(callback);
  }

  forget(callback: () => void): void {
    this.#waiting.delete(callback);
  }

  /** Sends one message. Resolves when the operating system has taken it; also when the connection is gone. */
  send(text: string): Promise<void> {
    this.#sent.answersSent += 1;
    return new Promise((resolve) => {
      if (this.#written.push(() => resolve()) === 1) setImmediate(() => this.flush());
      this.#pending += textFrame(utf8(text));
    });
  }

  /** Queues an event, a whole frame, for the next round. */
  write(frame: Bytes): void {
    this.#sent.eventsSent += 1;
    this.#pending += frame;
    if (this.#pending.length >= FULL_CHUNK) {
      this.flush();
    } else if (!this.#inRound) {
      this.#inRound = true;
      this.#rounds.add(this);
    }
  }

  /** Writes what is queued now: before a close frame, so that nothing follows it. */
  flush(): void {
    this.#inRound = false;
    const chunk = this.#pending;
    if (chunk === '') return;
    const written = this.#written;
    this.#pending = '';
    this.#written = [];
    const settle: Written = (error) => {
      for (const callback of written) callback(error);
    };
    if (this.#stream.destroyed || this.#stream.writableEnded) {
      settle();
      return;
    }
    if (written.length === 0) this.#stream.write(chunk, 'latin1');
    else this.#stream.write(chunk, 'latin1', settle);
    // What the operating system takes at once is followed by no 'drain'.
    if (this.#waiting.size > 0 && !this.congested) this.#relieve();
  }

  #relieve(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const callback of waiting) callback();
  }
}
