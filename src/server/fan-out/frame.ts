/**
 * Bytes as a string: each character is one byte (the encoding that Node calls latin1). Such strings are joined without
 * copying, share what they have in common, and are handed to a socket without a Buffer in between: at many small frames
 * that is most of what a delivery costs, besides the system call.
 */
export type Bytes = string;

/** The UTF-8 of a text. */
export function utf8(text: string): Bytes {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString('latin1');
}

const TEXT_FRAME = 0x81;
const SHORT = 126;
const MEDIUM = 65_536;

/** The header of one unfragmented, unmasked text frame (RFC 6455, 5.2). A string, and so a frame, is shorter than 4 GiB. */
function header(length: number): Bytes {
  if (length < SHORT) return String.fromCharCode(TEXT_FRAME, length);
  if (length < MEDIUM) return String.fromCharCode(TEXT_FRAME, 126, length >>> 8, length & 0xff);
  return String.fromCharCode(TEXT_FRAME, 127, 0, 0, 0, 0, length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff);
}

/** One WebSocket text frame, as a server sends it. */
export function textFrame(text: Bytes): Bytes {
  return header(text.length) + text;
}
