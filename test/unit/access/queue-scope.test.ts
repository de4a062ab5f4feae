import { assert, constantFrom, property, string, stringMatching, array } from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ANONYMOUS, audienceOf } from '../../../src/access/caller.js';
import { QueueScope } from '../../../src/access/queue-scope.js';

describe('QueueScope', () => {
  it('takes a star for any text, and everything else for itself', () => {
    const scope = new QueueScope(['satloc-*', 'a.b', '*_dlq']);
    expect(['satloc-', 'satloc-x', 'a.b', 'x\ny_dlq', '_dlq'].filter((name) => scope.includes(name))).toHaveLength(5);
    expect(['satloc', 'Satloc-x', 'axb', 'xa.b', 'a.bx', '', '_dlq2'].filter((name) => scope.includes(name))).toEqual([]);
  });

  it('never takes what stands in a pattern for a part of a regular expression', () => {
    assert(
      property(array(string({ minLength: 1, maxLength: 20 }).filter((text) => !text.includes('\0') && !text.includes('*')), { minLength: 1, maxLength: 5 }), string(), (names, other) => {
        const scope = new QueueScope(names);
        for (const name of names) expect(scope.includes(name)).toBe(true);
        expect(scope.includes(other)).toBe(names.includes(other));
      }),
    );
  });

  it('fits a pattern with stars where a walk over its parts does', () => {
    const walk = (pattern: string, name: string): boolean => {
      if (pattern === '') return name === '';
      if (pattern.startsWith('*')) return walk(pattern.slice(1), name) || (name !== '' && walk(pattern, name.slice(1)));
      return name.startsWith(pattern.charAt(0)) && walk(pattern.slice(1), name.slice(1));
    };
    assert(
      property(stringMatching(/^[ab*.]{1,6}$/), stringMatching(/^[ab.\n]{0,6}$/), constantFrom('', 'b'), (pattern, name, end) => {
        expect(new QueueScope([pattern]).includes(name + end)).toBe(walk(pattern, name + end));
      }),
    );
  });

  it('refuses none, too many, empty and overlong patterns', () => {
    for (const patterns of [[], [''], ['x'.repeat(257)], ['a\0'], Array.from({ length: 101 }, (_, index) => `q${index}`)]) {
      expect(() => new QueueScope(patterns)).toThrow(/^queues: /);
    }
  });
});

describe('audienceOf', () => {
  it('is equal for callers that may see the same, whatever their names and the order of their patterns', () => {
    const one = { ...ANONYMOUS, name: 'one', queues: new QueueScope(['b', 'a']) };
    const other = { ...ANONYMOUS, name: 'other', queues: new QueueScope(['a', 'b', 'a']) };
    expect(audienceOf(one)).toBe(audienceOf(other));
    expect(audienceOf(one)).not.toBe(audienceOf(ANONYMOUS));
    expect(audienceOf({ ...one, role: 'VIEWER' })).not.toBe(audienceOf(one));
  });
});
