import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ListRequest } from '../../../src/live/types.js';
import { ShownStatus } from '../../../src/model/status.js';
import { documents, fill, strangeDocument, strangeIds, taskFilter } from '../queries/strange-documents.js';
import { expectRight, type LiveClient, type LiveHarness, liveHarness, MARKER, perform, type Write, writes } from './harness.js';

const ORDER_FIELDS = ['enqueuedAt', 'updatedAt', 'failedAt', 'processingStartedAt'] as const;

const request: fc.Arbitrary<ListRequest> = fc.record({
  filter: fc.oneof(
    { weight: 2, arbitrary: fc.constant(null) },
    { weight: 3, arbitrary: fc.constantFrom(...Object.values(ShownStatus)).map((status) => ({ status: [status, ShownStatus.UNKNOWN, ShownStatus.QUEUED] })) },
    { weight: 2, arbitrary: taskFilter },
  ),
  orderBy: fc.record({ field: fc.constantFrom(...ORDER_FIELDS), direction: fc.constantFrom('ASC' as const, 'DESC' as const) }),
  first: fc.integer({ min: 1, max: 5 }),
});

/** Documents at the start, and as many _ids. */
const IDS = 60;

interface Scenario {
  readonly start: readonly Record<string, unknown>[];
  readonly ids: readonly unknown[];
  readonly requests: readonly ListRequest[];
  /** Between two quiet points: what each of some writers writes, one write after the other. */
  readonly rounds: readonly (readonly (readonly Write[])[])[];
}

const scenario: fc.Arbitrary<Scenario> = fc.record({
  start: documents(IDS),
  ids: strangeIds(IDS),
  requests: fc.array(request, { minLength: 3, maxLength: 3 }),
  rounds: fc.array(fc.array(fc.array(writes(strangeDocument, IDS), { minLength: 15, maxLength: 25 }), { minLength: 3, maxLength: 3 }), { minLength: 2, maxLength: 2 }),
});

async function play(harness: LiveHarness, { start, ids, requests, rounds }: Scenario): Promise<void> {
  await fill(harness.model, [...start.map((document, at) => ({ ...document, _id: ids[at] })), { _id: MARKER }]);
  const clients: LiveClient[] = [];
  try {
    for (const writers of rounds) {
      const writing = writers.map(async (list, writer) => {
        for (const [at, write] of list.entries()) {
          // Each writer brings a client while the others write.
          const asked = requests[writer];
          if (at === 5 + writer * 3 && asked) clients.push(harness.watch(asked));
          await perform(harness.model, ids, write);
        }
      });
      await Promise.all(writing);
      await harness.quiet(clients);
      for (const client of clients) await expectRight(harness, client);
    }
  } finally {
    for (const client of clients) await client.leave();
  }
  expect(harness.feed.status().subscribers).toBe(0);
}

describe('a live list', () => {
  let harness: LiveHarness;
  beforeAll(async () => {
    harness = await liveHarness();
  });
  afterAll(() => harness[Symbol.asyncDispose]());

  it('is at every quiet point what a fresh query says, for clients that join at any moment, whatever is written', { timeout: 60_000 }, async () => {
    await fc.assert(fc.asyncProperty(scenario, (each) => play(harness, each)), { numRuns: 10, endOnFailure: true });
    expect(harness.refills(), 'rows must have run short').toBeGreaterThan(0);
  });
});

describe('a live list without pre-images', () => {
  it('is right at every quiet point too', { timeout: 60_000 }, async () => {
    await using harness = await liveHarness({ preImages: false });
    await fc.assert(fc.asyncProperty(scenario, (each) => play(harness, each)), { numRuns: 4, endOnFailure: true });
  });
});
