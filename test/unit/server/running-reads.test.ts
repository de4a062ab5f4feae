import { describe, expect, test } from 'vitest';

import { limitedRead, ReadDeadline } from '../../../src/queries/deadline.js';
import { RunningReads } from '../../../src/server/running-reads.js';

const mayRead = (deadline: ReadDeadline): Promise<boolean> =>
  limitedRead(deadline, 100, () => Promise.resolve(true)).catch(() => false);

function running(id: string): { reads: RunningReads; deadline: ReadDeadline; operation: object } {
  const [reads, deadline, operation] = [new RunningReads(), new ReadDeadline(10_000), {}];
  reads.begin(id, operation, deadline);
  return { reads, deadline, operation };
}

describe('the reads of one connection', () => {
  test.each([['{"id":"1","type":"complete"}'], [' { "type" : "complete", "id" : "1" } ']])('end when their client gives the operation up: %s', async (message) => {
    const { reads, deadline } = running('1');
    reads.see(message);
    expect(await mayRead(deadline)).toBe(false);
  });

  test.each([
    ['{"id":"2","type":"complete"}'],
    ['{"id":"1","type":"subscribe","payload":{"query":"{ a }","operationName":"complete"}}'],
    ['{"id":"1","type":"ping","payload":"\\"complete\\""}'],
    ['"complete"'],
    ['null "complete"'],
    ['null'],
  ])('go on at any other message: %s', async (message) => {
    const { reads, deadline } = running('1');
    reads.see(message);
    expect(await mayRead(deadline)).toBe(true);
  });

  test('end when the connection does', async () => {
    const { reads, deadline } = running('1');
    reads.abandon();
    expect(await mayRead(deadline)).toBe(false);
  });

  test('are those of the operation that has the id now, though an earlier one ends later', async () => {
    const { reads, operation } = running('1');
    const deadline = new ReadDeadline(10_000);
    reads.begin('1', {}, deadline);
    reads.end('1', operation);
    reads.see('{"id":"1","type":"complete"}');
    expect(await mayRead(deadline)).toBe(false);
  });
});
