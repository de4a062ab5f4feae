import type { Duplex } from 'node:stream';

import { textFrame } from './frame.js';

/** Bytes that may wait in this process for one connection before its subscriptions hold back, each with its own bound. */
const HIGH_WATER = 128 * 1024;
/** With more than this waiting it is answers that the client does not read: subscriptions hold back long before. */
const OVERFULL = 1024 * 1024;

type Written = (error?: Error | null) => void;

/**
 * Everything that one WebSocket connection is sent as text, in order. What is produced within one turn of the event loop
 * leaves in one write. It writes whole frames to the connection's own stream, beside `ws`, which writes its control
 * frames whole and at once (no compression is negotiated): frames never mix.
 */
export class ConnectionWriter {
  readonly #stream: Duplex;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #written: Written[] = [];
  #scheduled = false;
  readonly #waiting = new Set<() => void>();
  readonly #queueBytes: number;
  #queued = 0;

  /** @param queueBytes what may wait for this connection in the queues of its subscriptions, all together */
  constructor(stream: Duplex, queueBytes: number) {
    this.#stream = stream;
    this.#queueBytes = queueBytes;
    stream.on('drain', () => this.#relieve());
    stream.once('close', () => this.#relieve());
  }

  /** True while the client has not taken what it was sent: whoever has more must wait for `whenRelieved`. */
  get congested(): boolean {
    return this.#stream.writableLength + this.#pendingBytes > HIGH_WATER;
  }

  /** True while so much waits that nothing more should be asked by this client: it is to be read from no further. */
  get overfull(): boolean {
    return this.#stream.writableLength + this.#pendingBytes > OVERFULL;
  }

  /** Bytes that wait for this connection in the queues of its subscriptions. */
  get queued(): number {
    return this.#queued;
  }

  /** Makes room for so many bytes in the queue of one subscription. @returns false where that is more than may wait */
  reserve(bytes: number): boolean {
    if (this.#queued + bytes > this.#queueBytes) return false;
    this.#queued += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#queued -= bytes;
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
    return new Promise((resolve) => {
      this.#written.push(() => resolve());
      this.write(textFrame(Buffer.from(text)));
    });
  }

  /** Queues a whole frame for the end of this turn of the event loop. */
  write(frame: Buffer): void {
    this.#pending.push(frame);
    this.#pendingBytes += frame.length;
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.flush());
  }

  /** Writes what is queued now: before a close frame, so that nothing follows it. */
  flush(): void {
    this.#scheduled = false;
    const frames = this.#pending;
    if (frames.length === 0) return;
    const written = this.#written;
    this.#pending = [];
    this.#written = [];
    this.#pendingBytes = 0;
    const settle: Written = (error) => {
      for (const callback of written) callback(error);
    };
    if (this.#stream.destroyed || this.#stream.writableEnded) {
      settle();
      return;
    }
    const [first] = frames;
    const chunk = frames.length === 1 && first ? first : Buffer.concat(frames);
    if (written.length === 0) this.#stream.write(chunk);
    else this.#stream.write(chunk, settle);
    // What the operating system takes at once is followed by no 'drain'.
    if (!this.congested) this.#relieve();
  }

  #relieve(): void {
    if (this.#waiting.size === 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const callback of waiting) callback();
  }
}
