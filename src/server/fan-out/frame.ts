const TEXT_FRAME = 0x81;
const SHORT = 126;
const MEDIUM = 65_536;

function headerSize(length: number): number {
  if (length < SHORT) return 2;
  return length < MEDIUM ? 4 : 10;
}

/** Writes the header of one unfragmented, unmasked text frame (RFC 6455, 5.2). @returns its size */
function writeHeader(target: Buffer, length: number): number {
  target[0] = TEXT_FRAME;
  if (length < SHORT) {
    target[1] = length;
    return 2;
  }
  if (length < MEDIUM) {
    target[1] = 126;
    target.writeUInt16BE(length, 2);
    return 4;
  }
  target[1] = 127;
  target.writeBigUInt64BE(BigInt(length), 2);
  return 10;
}

/** One WebSocket text frame, as a server sends it, whose text is the parts one after another. The parts must be UTF-8. */
export function textFrame(...parts: readonly Buffer[]): Buffer {
  let length = 0;
  for (const part of parts) length += part.length;
  const frame = Buffer.allocUnsafe(headerSize(length) + length);
  let at = writeHeader(frame, length);
  for (const part of parts) at += part.copy(frame, at);
  return frame;
}
