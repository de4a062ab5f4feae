import fc from 'fast-check';

import { normalise } from '../../src/model/fingerprint/normalise.js';

/** Pieces that rules look for, parts of them, what stands between, and what looks like what a rule leaves behind. */
const PIECES = [
  '5', '42', '12345', '3.14', '1,234', '12ms', '1h30m', '3.5GB', '1e5', 'e5', 'MB', 'µs', '.5', '10.0', '50%', 'E11000', 'P2002', 'userId305', 'sha256',
  'x', 'a', 'C', 'foo', 'Bar', 'failed', 'to', 'abc', 'Z', 'UTC', 'eyJ', 'dead', 'a'.repeat(45),
  'deadbeef', 'deadbee1', '1a187da6', '507f1f77bcf86cd799439011', '0xff', '0xZZ', '550e8400-e29b-41d4-a716-446655440000', '550e8400-e29b', 'abcdef12',
  'eyJab.cd.ef', 'QWxhZGRpbjpvcGVuIHNlc2FtZQ1x2', 'QWxhZGRpbjpvcGVuIHNlc2FtZQ1x2QWxhZGRpbjpvcGVu+IHNlc2FtZQ1x2', 'ZGRpbjpvcGVuIHNlc2F/',
  '2024-01-31', '2024/01/31', '2024-01-31T10:00:00Z', '10:20:45', '10:20', 'T10:00', '-0500', 'GMT+0000', 'Tue', 'Tue Nov 24 2026', 'Tue, 24 Nov 2026',
  '10.0.0.1', '1.2.3', '1.2.3.4.5', '::1', 'fe80::1', 'fe80', '00:1a', 'a@b.cd', 'bob', '@',
  'http', '://', 'http://x.y/z', 'https://u:p@h:1/?a=b.', '/tmp/x', '/', '//', './a', '../b/c', '~', '\\', '\\\\srv\\x', 'C:\\x\\y', 'C:/x', 'a/b/c', 'a/b', 'src/x.ts',
  "'", '"', '`', "'q'", '"q r"', "it's", '<n>', '<id>', '<path>', '<string>', '<ip>', '<date>', '<', '>', 'n>', '<n',
  ' ', '  ', '\n', ':\n', '\t', '\v', ':', '.', ',', '-', '_', '+', '=', '%', '!', '?', '(', ')', '[', ']', '{', '}', '#', '&', ';', '|', '*', '^', '$',
  'é', '😀', '…', '⋯', '\0', '\u001b[31m', '\u00a0',
] as const;

export const piece = fc.constantFrom(...PIECES);

/** Messages made of what is hard: most are short, some go beyond what a normalised message shows. */
export const message = fc
  .array(fc.tuple(piece, fc.constantFrom('', '', ' ')), { maxLength: 9 })
  .chain((parts) => fc.tuple(fc.constant(parts), fc.integer({ min: 1, max: 12 }).map((times) => (times > 10 ? 8 : 1))))
  .map(([parts, times]) => parts.flat().join('').repeat(times));

/** Messages near to one: with a part replaced, left out or put in, and its normalised form with its placeholders filled anew. */
export function neighbours(of: string): fc.Arbitrary<string> {
  const parts = of.split(/(?<=[^A-Za-z0-9])|(?=[^A-Za-z0-9])/u);
  const at = fc.integer({ min: 0, max: Math.max(parts.length - 1, 0) });
  const changed = fc.tuple(at, fc.integer({ min: 0, max: 1 }), piece, fc.boolean()).map(([index, remove, put, puts]) => {
    return parts.toSpliced(index, remove, ...(puts ? [put] : [])).join('');
  });
  const normalised = normalise(of);
  const filled = fc.array(piece, { minLength: 8, maxLength: 8 }).map((pieces) => {
    let next = 0;
    return normalised.replace(/<[a-z]+>|⋯$/g, () => pieces[(next += 1) % pieces.length] ?? '').replaceAll(' ', pieces[0]?.trim() === '' ? pieces[0] : ' ');
  });
  return fc.oneof(changed, filled, piece.map((put) => put + normalised), piece.map((put) => normalised + put));
}
