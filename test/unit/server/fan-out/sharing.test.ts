import { buildSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';

import { shapeOf } from '../../../../src/server/fan-out/sharing.js';

const schema = buildSchema(`
  type Query { a: Int }
  type Change { cursor: String  since(after: String): Int }
  type Subscription { changed(filter: String, after: String): Change }
`);
const changed = schema.getSubscriptionType()?.getFields()['changed'];
if (changed) changed.extensions = { sharing: { stateOf: null, ownWith: ['after'] } };

function shape(query: string, variableValues: Record<string, unknown> = {}, audience = 'viewer') {
  return shapeOf({ schema, document: parse(query), variableValues }, audience);
}

const WATCH = 'subscription ($after: String, $filter: String) { changed(after: $after, filter: $filter) { cursor } }';

describe('what subscriptions share', () => {
  it('is everything when text, variables and audience are equal, whatever the order of the variables', () => {
    const [one, other] = [shape(WATCH, { filter: 'x', after: null }), shape(WATCH, { after: null, filter: 'x' })];
    expect(one.sharesSource).toBe(true);
    expect(one.key).toBe(other.key);
  });

  it('is nothing between audiences, other variables or another text', () => {
    const { key, shape: payload } = shape(WATCH, { filter: 'x' });
    for (const other of [shape(WATCH, { filter: 'y' }), shape(WATCH, { filter: 'x' }, 'admin'), shape(`${WATCH} `, { filter: 'x' })]) {
      expect(other.key).not.toBe(key);
      expect(other.shape).not.toBe(payload);
    }
  });

  it('is the payloads and not the source where a cursor is given, as a value, a variable or its default', () => {
    const [one, other] = [shape(WATCH, { after: 'c1' }), shape(WATCH, { after: 'c2' })];
    expect([one.sharesSource, other.sharesSource]).toEqual([false, false]);
    expect(one.shape).toBe(other.shape);
    expect(shape('subscription { changed(after: "c1") { cursor } }').sharesSource).toBe(false);
    expect(shape('subscription ($after: String = "c1") { changed(after: $after) { cursor } }').sharesSource).toBe(false);
    expect(shape('subscription ($after: String = null) { changed(after: $after) { cursor } }').sharesSource).toBe(true);
    expect(shape('subscription ($after: String = "c1") { changed(after: $after) { cursor } }', { after: null }).sharesSource).toBe(true);
  });

  it('is not the payloads where the cursor decides what is in them', () => {
    const query = 'subscription ($after: String) { changed(after: $after) { cursor since(after: $after) } }';
    expect(shape(query, { after: 'c1' }).shape).not.toBe(shape(query, { after: 'c2' }).shape);
  });
});
