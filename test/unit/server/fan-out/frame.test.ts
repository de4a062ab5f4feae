import { createRequire } from 'node:module';
import { PassThrough, type Writable } from 'node:stream';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { textFrame, utf8 } from '../../../../src/server/fan-out/frame.js';

// The types of ws leave its parser out.
const { Receiver } = createRequire(import.meta.url)('ws') as { Receiver: new (options: { isServer: boolean }) => Writable };

/** What a WebSocket peer makes of these bytes: the parser of `ws` itself. */
async function received(bytes: Buffer): Promise<string[]> {
  const texts: string[] = [];
  const receiver = new Receiver({ isServer: false });
  receiver.on('message', (data: Buffer) => texts.push(data.toString()));
  const source = new PassThrough();
  source.pipe(receiver);
  source.end(bytes);
  await new Promise((resolve, reject) => {
    receiver.on('finish', resolve);
    receiver.on('error', reject);
  });
  return texts;
}

describe('a text frame', () => {
  it('is read by a WebSocket peer as the parts one after another', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 }), { minLength: 1, maxLength: 5 }), async (messages) => {
        const wellFormed = messages.map((parts) => parts.map((part) => Buffer.from(part).toString()));
        const bytes = wellFormed.map((parts) => textFrame(parts.map(utf8).join(''))).join('');
        expect(await received(Buffer.from(bytes, 'latin1'))).toEqual(wellFormed.map((parts) => parts.join('')));
      }),
      { numRuns: 40 },
    );
  });

  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])('carries %i bytes', async (length) => {
    const text = 'x'.repeat(length);
    expect(await received(Buffer.from(textFrame(utf8(text)), 'latin1'))).toEqual([text]);
  });
});
