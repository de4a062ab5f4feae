import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ErrorCategory } from '../../../../src/model/error-category.js';
import { fingerprintOf, OTHER_MESSAGE, otherFingerprintOf, readFingerprint } from '../../../../src/model/fingerprint/fingerprint.js';
import { message } from '../../../support/failure-messages.js';

const category = fc.constantFrom(...Object.values(ErrorCategory));
const encode = (text: string): string => Buffer.from(text).toString('base64url');

describe('a fingerprint', () => {
  it('is the same for failures of one kind, and another for another category or message', () => {
    const one = fingerprintOf(ErrorCategory.TRANSIENT, 'timed out after 5 ms');
    expect(fingerprintOf(ErrorCategory.TRANSIENT, 'timed out after 12 ms')).toEqual(one);
    expect(one.message).toBe('timed out after <n> ms');
    expect(fingerprintOf(ErrorCategory.VALIDATION, 'timed out after 5 ms').fingerprint).not.toBe(one.fingerprint);
    expect(fingerprintOf(ErrorCategory.TRANSIENT, 'timed out').fingerprint).not.toBe(one.fingerprint);
  });

  it('of no category is that of the unknown one', () => {
    expect(fingerprintOf(null, 'x')).toEqual(fingerprintOf(ErrorCategory.UNKNOWN, 'x'));
  });

  it('says what it stands for, with nothing kept', () => {
    fc.assert(
      fc.property(category, message, (of, text) => {
        const { fingerprint, message: normalised } = fingerprintOf(of, text);
        expect(fingerprint).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(readFingerprint(fingerprint)).toEqual({ category: of, message: normalised, isOther: false });
      }),
    );
  });

  it('of all other kinds is one that no message has', () => {
    const other = otherFingerprintOf(ErrorCategory.TRANSIENT);
    expect(readFingerprint(other.fingerprint)).toEqual({ category: 'transient', message: OTHER_MESSAGE, isOther: true });
    for (const text of ['', OTHER_MESSAGE, 'x']) expect(fingerprintOf(ErrorCategory.TRANSIENT, text).fingerprint).not.toBe(other.fingerprint);
    expect(otherFingerprintOf(null)).toEqual(otherFingerprintOf(ErrorCategory.UNKNOWN));
  });
});

describe('a text that is no fingerprint', () => {
  it.each([
    ['nothing', ''],
    ['no base64url', 'a b'],
    ['another version', encode('2:transient:x')],
    ['no category', encode('1:sad:x')],
    ['a message that is not normalised', encode('1:transient:took 5 ms')],
    ['a message with a space too many', encode('1:transient:x ')],
    ['another spelling of the same bytes', encode('1:transient:x').replace(/A$/, 'B')],
    ['bytes that are no text', Buffer.from([0x31, 0x3a, 0xff, 0xfe]).toString('base64url')],
    ['a huge one', 'A'.repeat(100_000)],
    ['an operator', encode('1:transient:{"$ne":1}')],
  ])('is not taken: %s', (_, text) => expect(readFingerprint(text)).toBeNull());

  it('is not taken whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = readFingerprint(text);
        if (read !== null) expect(fingerprintOf(read.category, read.message).fingerprint).toBe(text);
      }),
    );
  });
});
