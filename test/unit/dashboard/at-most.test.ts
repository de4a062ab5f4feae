import { describe, expect, it } from 'vitest';

import { atMost } from '../../../dashboard/src/tasks/at-most.js';

const chunks = (...sizes: number[]): ReadableStream<Uint8Array<ArrayBuffer>> => ReadableStream.from(sizes.map((size) => new Uint8Array(size)));

describe('what a file may hold in memory', () => {
  it('passes through as it is, up to the last byte', async () => {
    expect((await new Response(chunks(4, 6).pipeThrough(atMost(10))).arrayBuffer()).byteLength).toBe(10);
  });

  it('is an error from the first byte too many on, and reads no further', async () => {
    let read = 0;
    async function* endless() {
      for (;;) yield new Uint8Array(4).fill((read += 1));
    }
    await expect(new Response((ReadableStream.from(endless()) as ReadableStream<Uint8Array<ArrayBuffer>>).pipeThrough(atMost(10))).blob()).rejects.toThrow('more than 10 bytes');
    expect(read).toBeLessThan(10);
  });
});
