/** Writes numbers, texts and arrays as bytes: whole numbers in as many bytes as they need. Arrays are copied when written, but for shared ones. */
export class ByteWriter {
  readonly chunks: Uint8Array[] = [];
  #chunk = Buffer.alloc(CHUNK_BYTES);
  #used = 0;
  #length = 0;

  get length(): number {
    return this.#length + this.#used;
  }

  #room(bytes: number): void {
    if (this.#used + bytes <= this.#chunk.length) return;
    this.#flush();
    this.#chunk = Buffer.alloc(Math.max(CHUNK_BYTES, bytes));
  }

  #flush(): void {
    if (this.#used === 0) return;
    this.chunks.push(this.#chunk.subarray(0, this.#used));
    this.#length += this.#used;
    this.#chunk = this.#chunk.subarray(this.#used);
    this.#used = 0;
  }

  /** A whole number from 0 to 2^53 - 1. */
  whole(value: number): void {
    this.#room(8);
    let left = value;
    while (left >= 0x80) {
      this.#chunk[this.#used++] = (left % 0x80) + 0x80;
      left = Math.floor(left / 0x80);
    }
    this.#chunk[this.#used++] = left;
  }

  /** A whole number of either sign, small where it is near 0. */
  signed(value: number): void {
    this.whole(value < 0 ? -value * 2 - 1 : value * 2);
  }

  double(value: number): void {
    this.#room(8);
    this.#used = this.#chunk.writeDoubleLE(value, this.#used);
  }

  text(value: string): void {
    if (!this.#shortAscii(value)) this.bytes(Buffer.from(value));
  }

  /** Most texts are `_id`s: written without a buffer in between. */
  #shortAscii(value: string): boolean {
    const { length } = value;
    if (length >= 0x80) return false;
    this.#room(1 + length);
    const chunk = this.#chunk;
    const start = this.#used + 1;
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index);
      if (code >= 0x80) return false;
      chunk[start + index] = code;
    }
    chunk[this.#used] = length;
    this.#used = start + length;
    return true;
  }

  bytes(value: Uint8Array): void {
    this.whole(value.byteLength);
    if (value.byteLength >= CHUNK_BYTES) {
      this.#flush();
      this.chunks.push(value.slice());
      this.#length += value.byteLength;
      return;
    }
    this.#room(value.byteLength);
    this.#chunk.set(value, this.#used);
    this.#used += value.byteLength;
  }

  /** Without a copy: the bytes must not change before what was written is used. */
  sharedBytes(value: Uint8Array): void {
    this.whole(value.byteLength);
    this.#flush();
    this.chunks.push(value);
    this.#length += value.byteLength;
  }

  words(value: Uint32Array): void {
    this.bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }

  list<T>(values: Iterable<T>, count: number, write: (value: T) => void): void {
    this.whole(count);
    for (const value of values) write(value);
  }

  /** All that was written, in order. */
  finish(): readonly Uint8Array[] {
    this.#flush();
    return this.chunks;
  }
}

const CHUNK_BYTES = 2 ** 16;

/** Reads what ByteWriter wrote. @throws RangeError where the bytes end before what is read */
export class ByteReader {
  #at = 0;

  constructor(readonly source: Buffer) {}

  get atEnd(): boolean {
    return this.#at === this.source.length;
  }

  whole(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.source[this.#at++];
      if (byte === undefined) throw new RangeError('The bytes end within a number.');
      value += (byte % 0x80) * factor;
      if (byte < 0x80) return value;
    }
  }

  signed(): number {
    const value = this.whole();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  double(): number {
    const value = this.source.readDoubleLE(this.#at);
    this.#at += 8;
    return value;
  }

  text(): string {
    return this.#take(this.whole()).toString('utf8');
  }

  /** A copy that shares no memory. */
  bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#take(this.whole()));
  }

  words(): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.bytes().buffer);
  }

  each(read: () => void): void {
    const count = this.whole();
    for (let index = 0; index < count; index++) read();
  }

  #take(length: number): Buffer {
    if (length > this.source.length - this.#at) throw new RangeError('The bytes end within an array.');
    const start = this.#at;
    this.#at += length;
    return this.source.subarray(start, this.#at);
  }
}
