import { createHash, randomUUID } from 'node:crypto';

import { ApolloServer } from '@apollo/server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest';

import { type RunningToy, toyServer } from '../support/server.js';

let running: RunningToy;
let byApollo: MockInstance;
beforeAll(async () => {
  running = await toyServer();
});
afterAll(() => running.close());
beforeEach(() => {
  byApollo = vi.spyOn(ApolloServer.prototype, 'executeHTTPGraphQLRequest');
});
afterEach(() => byApollo.mockRestore());

interface Sent extends RequestInit {
  readonly search?: string;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const posted = (request: unknown, headers: Record<string, string> | [string, string][] = JSON_TYPE): Sent => ({ method: 'POST', headers, body: typeof request === 'string' ? request : JSON.stringify(request) });
const got = (parameters: Record<string, string>, headers: Record<string, string> = JSON_TYPE): Sent => ({ method: 'GET', headers, search: `?${new URLSearchParams(parameters).toString()}` });
const hashed = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(text).digest('hex') } });

async function answerTo({ search = '', ...init }: Sent) {
  byApollo.mockClear();
  const response = await fetch(running.url + search, init);
  const { date: _date, ...headers } = Object.fromEntries(response.headers);
  return { apollo: byApollo.mock.calls.length, answer: { status: response.status, headers, body: await response.text() } };
}

/** The request with a text that nobody has sent before, and the same again when the text is known: the first is always Apollo Server's. */
async function unknownAndKnown(request: (text: string) => Sent, text: string) {
  // After the text, so that places in it stay the same.
  const own = `${text} # ${randomUUID()}`;
  const unknown = await answerTo(request(own));
  // Requests that are refused before their text is read do not make it known.
  await answerTo(posted({ query: own }));
  const known = await answerTo(request(own));
  return { unknown, known };
}

const HELLO = '{ hello }';
const NUMBER = 'query Number($n: Int!) { number(n: $n) }';
const SEVERAL = 'query A { hello } query B($name: String) { hello(name: $name) }  mutation C { shout }';

describe('a known operation is answered by the short way as Apollo Server answers it', () => {
  test.each<[string, (query: string) => Sent, string]>([
    ['a query', (query) => posted({ query }), HELLO],
    ['a mutation', (query) => posted({ query }), 'mutation { shout }'],
    ['variables', (query) => posted({ query, variables: { n: 3 } }), NUMBER],
    ['one operation of several', (query) => posted({ query, operationName: 'B', variables: { name: 'B' } }), SEVERAL],
    ['nothing where something may stand', (query) => posted({ query, operationName: null, variables: null, extensions: null }), HELLO],
    ['what is not asked for', (query) => posted({ query, variables: { other: 1 }, id: 7 }), HELLO],
    ['aliases and type names', (query) => posted({ query }), '{ a: hello __typename b: hello(name: "ü\u2028") }'],
    ['a question about the schema', (query) => posted({ query }), '{ __schema { queryType { name } } }'],
    ['an error beside data', (query) => posted({ query }), '{ hello broken }'],
    ['an error in the place of all data', (query) => posted({ query }), '{ hello refused }'],
    ['every type', (query) => posted({ query }, { ...JSON_TYPE, accept: '*/*' }), HELLO],
    ['JSON by name', (query) => posted({ query }, { ...JSON_TYPE, accept: 'application/json' }), HELLO],
    ['GraphQL over HTTP by its own type', (query) => posted({ query }, { ...JSON_TYPE, accept: 'application/graphql-response+json' }), HELLO],
    ['its own type before JSON', (query) => posted({ query }, { ...JSON_TYPE, accept: 'application/graphql-response+json, application/json;q=0.9' }), HELLO],
    ['its own type before JSON, as Apollo Client spells it', (query) => posted({ query }, { ...JSON_TYPE, accept: 'application/graphql-response+json,application/json;q=0.9' }), HELLO],
    ['an error beside data, by its own type', (query) => posted({ query }, { ...JSON_TYPE, accept: 'application/graphql-response+json' }), '{ hello broken }'],
    ['an error in the place of all data, by its own type', (query) => posted({ query }, { ...JSON_TYPE, accept: 'application/graphql-response+json' }), '{ hello refused }'],
    ['JSON in UTF-8 by name', (query) => posted({ query }, { 'content-type': 'application/json; charset=utf-8' }), HELLO],
  ])('%s', async (_what, request, text) => {
    const { unknown, known } = await unknownAndKnown(request, text);
    expect([unknown.apollo, known.apollo]).toEqual([1, 0]);
    expect(known.answer).toEqual(unknown.answer);
  });

  test('each with a context of its own', async () => {
    const query = '{ contextId }';
    const answers = [await answerTo(posted({ query })), await answerTo(posted({ query })), await answerTo(posted({ query }))];
    expect(new Set(answers.map(({ answer }) => answer.body)).size).toBe(3);
    expect(answers.at(-1)?.apollo).toBe(0);
  });
});

describe('Apollo Server goes on to answer', () => {
  test.each<[string, (query: string) => Sent, string]>([
    ['variables that do not fit', (query) => posted({ query, variables: { n: 'three' } }), NUMBER],
    ['variables that are missing', (query) => posted({ query }), NUMBER],
    ['variables in a list', (query) => posted({ query, variables: [3] }), NUMBER],
    ['variables as text', (query) => posted({ query, variables: '{"n":3}' }), NUMBER],
    ['what a limit refuses', (query) => posted({ query, variables: { expensive: 1 } }), HELLO],
    ['an operation that is not named', (query) => posted({ query }), SEVERAL],
    ['an operation that is not there', (query) => posted({ query, operationName: 'Z' }), SEVERAL],
    ['an empty name', (query) => posted({ query, operationName: '' }), HELLO],
    ['a name that is none', (query) => posted({ query, operationName: 7 }), HELLO],
    ['a subscription', (query) => posted({ query }), 'subscription { counted(to: 1) }'],
    ['a text that does not parse', (query) => posted({ query }), '{ hello'],
    ['a text that is not valid', (query) => posted({ query }), '{ unheardOf }'],
    ['a text in a list', (query) => posted({ query: [query] }), HELLO],
    ['a batch', (query) => posted([{ query }, { query }]), HELLO],
    ['no text', () => posted({ variables: {} }), HELLO],
    ['an empty object', () => posted({}), HELLO],
    ['a number', () => posted('7'), HELLO],
    ['null', () => posted('null'), HELLO],
    ['a query by GET', (query) => got({ query }), HELLO],
    ['a mutation by GET', (query) => got({ query }), 'mutation { shout }'],
    ['a GET that a browser may send', (query) => got({ query }, {}), HELLO],
    ['several types', (query) => posted({ query }, { ...JSON_TYPE, accept: 'text/event-stream, application/graphql-response+json, application/json;q=0.9' }), HELLO],
    ['types in another order', (query) => posted({ query }, { ...JSON_TYPE, accept: 'application/json;q=0.9, application/graphql-response+json' }), HELLO],
    ['several values', (query) => posted({ query }, [...Object.entries(JSON_TYPE), ['accept', 'application/json'], ['accept', 'application/graphql-response+json']]), HELLO],
    ['a type that it has not', (query) => posted({ query }, { ...JSON_TYPE, accept: 'text/csv' }), HELLO],
    ['a hash and its text', (query) => posted({ query, extensions: hashed(query) }), HELLO],
    ['a hash alone', (query) => posted({ extensions: hashed(query) }), HELLO],
    ['the hash of another text', (query) => posted({ query, extensions: hashed('{ other }') }), HELLO],
    ['extensions', (query) => posted({ query, extensions: {} }), HELLO],
    ['extensions that are text', (query) => posted({ query, extensions: '{}' }), HELLO],
    ['another method', (query) => ({ ...posted({ query }), method: 'PUT' }), HELLO],
  ])('%s', async (_what, request, text) => {
    const { unknown, known } = await unknownAndKnown(request, text);
    expect([unknown.apollo, known.apollo]).toEqual([1, 1]);
    expect(known.answer).toEqual(unknown.answer);
  });

  test.each<[string, (query: string) => Sent]>([
    ['plain text', (query) => posted({ query }, { 'content-type': 'text/plain' })],
    ['a form', (query) => posted(new URLSearchParams({ query }).toString(), { 'content-type': 'application/x-www-form-urlencoded' })],
    ['a body of no type', (query) => ({ method: 'POST', body: new TextEncoder().encode(JSON.stringify({ query })) })],
    ['a body that is broken', (query) => posted(JSON.stringify({ query }).slice(0, -1))],
    ['a name that reaches a prototype', (query) => posted(`{"query":${JSON.stringify(query)},"__proto__":{}}`)],
  ])('nor is %s taken because its text is known', async (_what, request) => {
    const { unknown, known } = await unknownAndKnown(request, HELLO);
    expect(known).toEqual(unknown);
    expect(known.answer.status).toBeGreaterThanOrEqual(400);
  });
});
