import { compareTimes, type ClusterTime, type Position } from './cursor.js';
import type { PositionedEvent } from './to-event.js';

export interface RingLimits {
  /** How many events are kept at most. */
  readonly events: number;
  /** How much memory the kept events may take, in bytes, by a rough count. */
  readonly bytes: number;
}

/** The last events, in order, bounded in number and bytes: what a subscriber that was away for a moment is served from. */
export class Ring {
  readonly #slots: (PositionedEvent | undefined)[];
  readonly #limits: RingLimits;
  #oldest = 1;
  #newest = 0;
  #bytes = 0;
  /** Cluster time of the last event that was dropped to make room; null while nothing was. */
  #droppedTime: ClusterTime | null = null;

  constructor(limits: RingLimits) {
    this.#limits = limits;
    this.#slots = new Array<PositionedEvent | undefined>(limits.events);
  }

  get size(): number {
    return this.#newest - this.#oldest + 1;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Sequence numbers of the oldest and the newest kept event; newest = oldest - 1 while empty. */
  get oldest(): number {
    return this.#oldest;
  }

  get newest(): number {
    return this.#newest;
  }

  /** @param event numbered one more than the newest */
  push(event: PositionedEvent): void {
    this.#newest = event.position.seq;
    while (this.size > this.#limits.events || (this.size > 1 && this.#bytes + event.size > this.#limits.bytes)) this.#drop();
    this.#slots[event.position.seq % this.#slots.length] = event;
    this.#bytes += event.size;
  }

  #drop(): void {
    const slot = this.#oldest % this.#slots.length;
    const event = this.#slots[slot];
    if (event) {
      this.#bytes -= event.size;
      this.#droppedTime = event.position.time;
      this.#slots[slot] = undefined;
    }
    this.#oldest += 1;
  }

  get(seq: number): PositionedEvent | undefined {
    return seq < this.#oldest || seq > this.#newest ? undefined : this.#slots[seq % this.#slots.length];
  }

  /** Empties it; the next event is numbered `nextSeq`. */
  reset(nextSeq: number): void {
    this.#slots.fill(undefined);
    this.#oldest = nextSeq;
    this.#newest = nextSeq - 1;
    this.#bytes = 0;
    this.#droppedTime = null;
  }

  /**
   * The number of the first event behind `position`, or null where something in between may no longer be here.
   * A position of this very epoch is found by its number. A position of another run (before a restart, of another
   * replica) is found by its token or cluster time; then the event at exactly that time may come once more.
   */
  firstBehind(position: Position, epoch: string): number | null {
    if (position.epoch === epoch) {
      return position.seq + 1 >= this.#oldest && position.seq <= this.#newest ? position.seq + 1 : null;
    }
    const { time } = position;
    const oldest = this.get(this.#oldest);
    if (time === null || oldest === undefined || oldest.position.time === null) return null;
    const covered =
      this.#droppedTime === null
        ? compareTimes(time, oldest.position.time) >= 0
        : compareTimes(time, this.#droppedTime) > 0;
    if (!covered) return null;
    const known = this.seqOfToken(position.token, time);
    return known === null ? this.#firstNotBefore(time) : known + 1;
  }

  /** The number of the first kept event that is not before `time`; behind the newest where there is none. */
  #firstNotBefore(time: ClusterTime): number {
    let low = this.#oldest;
    let high = this.#newest + 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = this.get(middle)?.position.time ?? null;
      if (at !== null && compareTimes(at, time) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The number of the event with this token among the kept ones, or null. */
  seqOfToken(token: string, time: ClusterTime | null): number | null {
    for (let seq = time === null ? this.#oldest : this.#firstNotBefore(time); seq <= this.#newest; seq += 1) {
      const event = this.get(seq) as PositionedEvent;
      if (event.position.token === token) return seq;
      if (time !== null && event.position.time !== null && compareTimes(event.position.time, time) > 0) return null;
    }
    return null;
  }
}
