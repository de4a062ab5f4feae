import { createHash, timingSafeEqual } from 'node:crypto';
import { Readable } from 'node:stream';
import { brotliDecompressSync, constants, createBrotliCompress } from 'node:zlib';

import { ByteReader, ByteWriter } from './codec.js';
import { FoldState } from './state.js';
import { readState, writeState } from './state-codec.js';
import type { FoldOptions } from './types.js';

/**
 * A snapshot: mark, version of the layout, length unpacked, SHA-256 of what follows, then the state, compressed (Brotli).
 * The version changes with the layout, with what a figure means, and with the rules by which error messages are normalised.
 */
const MARK = Buffer.from('TTFOLD');
export const FOLD_VERSION = 2;
/** Of 11: beyond it, time grows faster than the snapshot shrinks. */
const QUALITY = 3;
const LENGTH_AT = MARK.length + 2;
const HASH_AT = LENGTH_AT + 8;
const BODY_AT = HASH_AT + 32;

function header(length: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(BODY_AT);
  MARK.copy(head);
  head.writeUInt16LE(FOLD_VERSION, MARK.length);
  head.writeDoubleLE(length, LENGTH_AT);
  createHash('sha256').update(head.subarray(0, HASH_AT)).update(body).digest().copy(head, HASH_AT);
  return head;
}

/**
 * The state as it is at the call. What is small is copied then; pages are read while they are compressed, and copied
 * only where they are written to meanwhile.
 */
export async function packState(state: FoldState, now: number): Promise<Uint8Array> {
  const out = new ByteWriter();
  out.double(now);
  try {
    writeState(state, out);
    const packed = Readable.from(out.finish()).pipe(createBrotliCompress({ chunkSize: 2 ** 18, params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY } }));
    const chunks: Uint8Array[] = [];
    for await (const chunk of packed) chunks.push(chunk as Uint8Array);
    const body = Buffer.concat(chunks);
    return Buffer.concat([header(out.length, body), body]);
  } finally {
    state.arena.unshare();
  }
}

/** @returns null where the bytes are damaged, or of another version */
export function unpackState(bytes: Uint8Array, options: FoldOptions): { readonly state: FoldState; readonly now: number } | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < BODY_AT) return null;
  const length = buffer.readDoubleLE(LENGTH_AT);
  if (!Number.isSafeInteger(length) || length <= 0) return null;
  const body = buffer.subarray(BODY_AT);
  if (!timingSafeEqual(header(length, body), buffer.subarray(0, BODY_AT))) return null;
  try {
    const from = new ByteReader(brotliDecompressSync(body, { maxOutputLength: length }));
    const now = from.double();
    const state = new FoldState(options);
    readState(state, from);
    return from.atEnd ? { state, now } : null;
  } catch {
    return null;
  }
}
