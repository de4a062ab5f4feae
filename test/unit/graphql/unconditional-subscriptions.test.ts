import { buildSchema, parse, specifiedRules, validate } from 'graphql';
import { describe, expect, test } from 'vitest';

import { unconditionalSubscriptionsRule } from '../../../src/graphql/limits/unconditional-subscriptions.js';

const schema = buildSchema('type Query { a: Int } type Subscription { a: T } type T { b: Int }');
const messages = (text: string): readonly string[] => validate(schema, parse(text), [...specifiedRules, unconditionalSubscriptionsRule]).map(({ message }) => message);
const REFUSED = /^A subscription has one field at its root, always: @(skip|include) may not stand there\.$/;

describe('a subscription', () => {
  test.each([
    'subscription { a @skip(if: true) { b } }',
    'subscription ($is: Boolean!) { a @include(if: $is) { b } }',
    'subscription { a @include { b } }',
    'subscription { a @skip(if: 1) { b } }',
    'subscription { ... @include { a { b } } }',
    'subscription { ...f @skip } fragment f on Subscription { a { b } }',
    'subscription { ...f } fragment f on Subscription { ...g } fragment g on Subscription { a @include { b } ...f }',
  ])('may not leave out its root field: %s', (text) => {
    expect(messages(text)[0]).toMatch(REFUSED);
  });

  test('may leave out what is below', () => {
    expect(messages('subscription { a { b @skip(if: true) } }')).toEqual([]);
  });

  test('is validated by every other rule', () => {
    expect(messages('subscription { a { c } }')).toEqual([expect.stringContaining('Cannot query field "c" on type "T".')]);
    expect(messages('query A { a @include } subscription B { a @include { b } }')).toHaveLength(2);
  });
});

test('a query may leave out its root fields', () => {
  expect(messages('{ a @skip(if: true) }')).toEqual([]);
});
