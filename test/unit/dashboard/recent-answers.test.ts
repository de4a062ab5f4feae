import { Client, type Exchange, gql, makeResult, type OperationResult, stringifyDocument } from '@urql/core';
import { filter, map, pipe } from 'wonka';
import { beforeEach, describe, expect, it } from 'vitest';

import { recentAnswers } from '../../../dashboard/src/api/recent-answers.js';
import { RecentMap } from '../../../dashboard/src/api/recent-map.js';

const RANGE = gql`
  query Range($from: String!) {
    range(from: $from) @_unmask {
      from
    }
  }
`;
const MOVE = gql`
  mutation Move($id: ID!) {
    move(id: $id) {
      id
    }
  }
`;
const MOST = 20;

let sent: string[];
let answers: RecentMap<number, OperationResult>;
let client: Client;

/** A server that answers at once, with how many were asked before. */
const server: Exchange = () => (operations) =>
  pipe(
    operations,
    filter(({ kind }) => kind !== 'teardown'),
    map((operation) => {
      sent.push(stringifyDocument(operation.query));
      return makeResult(operation, { data: { range: { __typename: 'Range', from: (operation.variables as { from?: string }).from, nth: sent.length } } });
    }),
  );

beforeEach(() => {
  sent = [];
  answers = new RecentMap(MOST);
  client = new Client({ url: 'http://server.invalid', exchanges: [recentAnswers(answers), server], requestPolicy: 'cache-and-network', preferGetMethod: false });
});

async function ask(from: string, requestPolicy?: 'cache-first' | 'network-only'): Promise<number> {
  const { data } = await client.query<{ range: { nth: number } }, { from: string }>(RANGE, { from }, requestPolicy && { requestPolicy }).toPromise();
  return data?.range.nth ?? 0;
}

describe('what the page was told last', () => {
  it('stays bounded over 10,000 ranges of time, and is what was used last', async () => {
    for (let minute = 0; minute < 10_000; minute += 1) {
      await ask(`minute ${minute}`);
      await ask('always there', 'cache-first');
      expect(answers.size).toBeLessThanOrEqual(MOST);
    }
    expect(sent).toHaveLength(10_001);
    await ask('minute 9999', 'cache-first');
    expect(sent).toHaveLength(10_001);
    await ask('minute 9000', 'cache-first');
    expect(sent).toHaveLength(10_002);
  });

  it('is shown as stale until the server has answered again', async () => {
    await ask('a');
    const seen: unknown[] = [];
    const { unsubscribe } = client.query<{ range: { nth: number } }, { from: string }>(RANGE, { from: 'a' }).subscribe(({ data, stale }) => seen.push([data?.range.nth, stale]));
    unsubscribe();
    expect(seen).toEqual([
      [1, true],
      [2, false],
    ]);
  });

  it('is left out where the network is asked for, and renewed by its answer', async () => {
    expect([await ask('a'), await ask('a', 'network-only'), await ask('a', 'cache-first')]).toEqual([1, 2, 2]);
  });

  it('is left alone by a mutation, which asks for nothing again', async () => {
    await ask('a');
    await client.mutation(MOVE, { id: '1' }).toPromise();
    expect(sent.map((text) => text.split('(')[0])).toEqual(['query Range', 'mutation Move']);
    expect(await ask('a', 'cache-first')).toBe(1);
  });

  it('was asked for without directives that are only for the page', async () => {
    await ask('a');
    expect(sent[0]).toContain('range(from: $from) {');
    expect(sent[0]).not.toContain('_unmask');
  });
});
