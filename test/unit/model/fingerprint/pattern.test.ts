import fc from 'fast-check';
import { expect, it } from 'vitest';

import { LONGEST_MESSAGE, normalise } from '../../../../src/model/fingerprint/normalise.js';
import { patternOf } from '../../../../src/model/fingerprint/pattern.js';
import { message, neighbours, piece } from '../../../support/failure-messages.js';

const MONGODB_LIMIT = 16_384;

const fits = (normalised: string, text: string): boolean => new RegExp(patternOf(normalised), 'u').test(text);

it('fits exactly the messages that normalise to the same', () => {
  const pairs = message.chain((text) => fc.tuple(fc.constant(text), fc.array(neighbours(text), { minLength: 4, maxLength: 8 })));
  fc.assert(
    fc.property(pairs, ([text, others]) => {
      const normalised = normalise(text);
      const pattern = new RegExp(patternOf(normalised), 'u');
      for (const other of [text, normalised, ...others]) expect(pattern.test(other), JSON.stringify({ text, other, normalised })).toBe(normalise(other) === normalised);
    }),
    { numRuns: 600 },
  );
}, 60_000);

it('does not take one kind for a neighbour', () => {
  for (const [text, other] of [
    ['at 5', 'at 5 '], ['at 5', 'at 5x'], ['a/b 5', 'a/b/c 5'], ["'a 5", "'a '5"], ['deadbee5', 'deadbeef5'], ['x.5', 'x.5@y.de'], ['a', 'a\nb'], ['a:', 'a:\nb'], ['', '\nb'],
  ] as const) {
    expect(fits(normalise(text), other), JSON.stringify([text, other])).toBe(normalise(text) === normalise(other));
  }
});

it('knows a cut message from one whose last word goes on or has its number', () => {
  const shown = 'so '.repeat(50);
  for (const word of ['x', 'X', 'a'.repeat(40), `<id>${'a'.repeat(40)}`]) {
    const text = `${shown.slice(0, 150 - word.length - 1)} ${word}`;
    const cut = normalise(`${text} and more`);
    for (const other of [`${text} and`, `${text}<n>`, `${text}<n> and`, `${text}5`, `${text}5 and`, `${text}5x`, `${text}x and`, text]) {
      expect(fits(cut, other), JSON.stringify([cut, other])).toBe(normalise(other) === cut);
    }
  }
});

it('fits the messages that are too long to be looked at where the kind is theirs, and only there', () => {
  const long = `${'x '.repeat(LONGEST_MESSAGE / 2)}x`;
  expect(fits('(message too long)', long)).toBe(true);
  expect(fits('(message too long)', '(message too long)')).toBe(true);
  expect(fits('(message too long)', long.slice(0, -1))).toBe(false);
  expect(fits(normalise(long.slice(0, -1)), long)).toBe(false);
});

it('holds nothing that ends a pattern in MongoDB or means another thing in PCRE2 or Python', () => {
  fc.assert(
    fc.property(message, (text) => {
      const pattern = patternOf(normalise(text)).replaceAll('\\\\', '').replaceAll('[\\s\\S]', '');
      // \v is every vertical space in PCRE2; a NUL ends the text; (?< and (?P are spelled differently.
      expect(pattern).not.toMatch(/\0|\\[vdwsbDWSB]|\(\?[<P>]/);
    }),
    { numRuns: 500 },
  );
});

it('stays within what MongoDB takes, also for what is made to be long', () => {
  const hard = fc.array(fc.oneof(piece, fc.constantFrom('<n>', '<id>', '<path>', '<ip>', '-', '.', '/', ':', 'a', 'eyJ', 'de')), { minLength: 10, maxLength: 80 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(hard, (text) => {
      expect(Buffer.byteLength(patternOf(normalise(text)))).toBeLessThan(MONGODB_LIMIT);
    }),
    { numRuns: 1_500 },
  );
  const worst = '~ab5ab5TueTuedea=abcdef12eyJaCa+<n>0a0a :::<n>ab5TueTue/ ade::::<n>axab5xE5x_ @<n>aE5aTuex+_CC0ax=E5ab5CeyJxeyJE5++<n>abcdef12xxdeeyJ/E5abcdef12eyJ./<id>⋯';
  expect(Buffer.byteLength(patternOf(normalise(worst)))).toBeLessThan(MONGODB_LIMIT);
});

it('is decided in time in proportion to the message', () => {
  const repeated = ['a', '5', "' ", 'a.', 'a@', '/a', '1:', 'a/b', ' ', '\n', '<n>', 'A1b2+', '1,', 'f-', '2024-', '[x] '];
  const hostile = repeated.map((text) => text.repeat(Math.floor(LONGEST_MESSAGE / text.length)));
  for (const text of hostile) {
    const pattern = new RegExp(patternOf(normalise(text)), 'u');
    for (const other of hostile) {
      const started = performance.now();
      expect(pattern.test(other)).toBe(normalise(other) === normalise(text));
      expect(performance.now() - started, JSON.stringify([text.slice(0, 4), other.slice(0, 4)])).toBeLessThan(2_000);
    }
  }
}, 60_000);
