import { afterAll, beforeAll, expect, it } from 'vitest';

import { prepareOwnCollections } from '../../../src/app/own-collections.js';
import { AUDIT_COLLECTION, createAuditLog } from '../../../src/audit/audit-log.js';
import type { AuditLog } from '../../../src/audit/types.js';
import { existingIndexes } from '../../../src/database/indexes.js';
import { silentLogger } from '../../support/database.js';
import { keptOwnCollections } from '../../support/own-collections.js';
import { deadLettered, failed, type Harness, lifecycleHarness, OPERATOR, tally } from '../lifecycle/harness.js';

let harness: Harness;
let audit: AuditLog;

beforeAll(async () => {
  harness = await lifecycleHarness();
  await keptOwnCollections(harness.database.connection);
  audit = createAuditLog({ connection: harness.database.connection, log: silentLogger() });
});
afterAll(async () => {
  await audit.close();
  await harness.database.close();
});

it('of twenty operators that archive one execution at once, the one that did is written down', async () => {
  const lifecycle = harness.another({ audit });
  const executionId = await deadLettered(lifecycle);
  const results = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => lifecycle.archive({ executionId, reason: 'r' }, { name: `operator ${index}` })));
  expect(tally(results)).toEqual({ succeeded: 1, codes: { INVALID_TRANSITION: 19 } });
  const { edges } = await audit.page({ executionId });
  expect(edges.map(({ node }) => node.actor)).toEqual([(await harness.stored(executionId))?.['archivedBy']]);
});

it.each(['archive', 'moveToDeadLetters', 'retry'] as const)('%s is not made where it cannot be written down', async (move) => {
  const lifecycle = harness.another({ audit: { record: () => Promise.reject(new Error('the log cannot be written')) } });
  const executionId = await (move === 'archive' ? deadLettered(lifecycle) : failed(lifecycle));
  const before = await harness.everything();
  const made = { archive: () => lifecycle.archive({ executionId, reason: 'r' }, OPERATOR), moveToDeadLetters: () => lifecycle.moveToDeadLetters(executionId, 'r', OPERATOR), retry: () => lifecycle.retry({ executionId }, OPERATOR) };
  await expect(made[move]()).rejects.toThrow('the log cannot be written');
  expect(await harness.everything()).toEqual(before);
});

it('pages tell entries of one instant apart', async () => {
  const lifecycle = harness.another({ audit });
  const ids = [];
  for (let index = 0; index < 5; index += 1) ids.push(await failed(lifecycle));
  for (const id of ids) await lifecycle.moveToDeadLetters(id, null, { name: 'pager' });
  const seen: (string | null)[] = [];
  for (let after: string | null | undefined = null; after !== undefined; ) {
    const page: Awaited<ReturnType<AuditLog['page']>> = await audit.page({ first: 2, after, actor: 'pager' });
    seen.push(...page.edges.map(({ node }) => node.executionId));
    after = page.hasNextPage ? page.edges.at(-1)?.cursor : undefined;
  }
  expect(seen).toEqual(ids.reverse());
});

it('the age at which entries are removed follows the setting', async () => {
  const { connection } = harness.database;
  const age = async () => (await existingIndexes(connection, AUDIT_COLLECTION)).find(({ name }) => name === 'expire_at')?.['expireAfterSeconds'];
  await prepareOwnCollections(connection, { auditDays: 90 }, silentLogger());
  expect(await age()).toBe(90 * 86_400);
  await prepareOwnCollections(connection, { auditDays: 7 }, silentLogger());
  expect(await age()).toBe(7 * 86_400);
  await prepareOwnCollections(connection, { auditDays: 0 }, silentLogger());
  expect(await age()).toBeUndefined();
  await prepareOwnCollections(connection, { auditDays: 1 }, silentLogger());
  expect(await age()).toBe(86_400);
});
