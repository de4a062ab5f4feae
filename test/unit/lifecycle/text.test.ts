import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { truncateUtf8 } from '../../../src/lifecycle/text.js';

const MARKER = /… \[truncated, \d+ bytes in all\]$/;

describe('truncateUtf8', () => {
  it('keeps what fits, and else cuts between characters within the limit and says how long it was', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 400 });
    fc.assert(
      fc.property(text, fc.integer({ min: 64, max: 400 }), (value, limit) => {
        const bytes = Buffer.byteLength(value);
        const kept = truncateUtf8(value, limit);
        if (bytes <= limit) {
          expect(kept).toBe(value);
          return;
        }
        expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(limit);
        expect(kept).toMatch(MARKER);
        expect(value.startsWith(kept.replace(MARKER, ''))).toBe(true);
        expect(Buffer.byteLength(kept)).toBeGreaterThan(limit - 4);
      }),
    );
  });
});
