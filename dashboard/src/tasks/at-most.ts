export type Bytes = Uint8Array<ArrayBuffer>;

/** More came than may be held. */
export class TooLargeError extends Error {
  constructor(bytes: number) {
    super(`There are more than ${bytes} bytes`);
    this.name = 'TooLargeError';
  }
}

/** Passes on what comes through, and fails with a TooLargeError at the first byte too many. */
export function atMost(bytes: number): TransformStream<Bytes, Bytes> {
  let left = bytes;
  return new TransformStream({
    transform(chunk, controller) {
      left -= chunk.byteLength;
      if (left < 0) controller.error(new TooLargeError(bytes));
      else controller.enqueue(chunk);
    },
  });
}
