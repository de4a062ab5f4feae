import { afterAll, beforeAll, expect, test } from 'vitest';

import { encodeGlobalId } from '../../src/graphql/global-id.js';
import { AUDIT_COLLECTION } from '../../src/audit/audit-log.js';
import { post } from '../support/clients.js';
import { MARK, otherDocuments, ownDocuments, strangeDocuments, type Tenants, tenantsWith } from './support/tenants.js';

const BULK = 'mutation ($input: BulkInput!) { bulk(input: $input) { operation { id matched } preview { matched sample { executionId } } userErrors { code } } }';
const ARCHIVE = { action: 'ARCHIVE', filter: {}, reason: 'r' };

let among: Tenants;

beforeAll(async () => {
  among = await tenantsWith([...ownDocuments(), ...otherDocuments(), ...strangeDocuments()], { statistics: 'aggregate' });
});
afterAll(() => among[Symbol.asyncDispose]());

async function ask(text: string, variables: Record<string, unknown>, headers: Record<string, string>): Promise<{ data: Record<string, unknown>; codes: readonly unknown[] }> {
  const { body } = await post(among.running.url, text, variables, headers);
  return { data: (body.data ?? {}) as Record<string, unknown>, codes: (body.errors ?? []).map(({ extensions }) => extensions?.['code']) };
}

async function ended(id: string): Promise<Record<string, unknown>> {
  for (;;) {
    const { data } = await ask('query ($id: ID!) { bulkOperation(id: $id) { state succeeded matched } }', { id }, among.everything);
    const operation = data['bulkOperation'] as Record<string, unknown>;
    if (operation['state'] !== 'RUNNING') return operation;
  }
}

test('bulk operations and the audit log take the permissions of their own', async () => {
  for (const role of ['VIEWER', 'WORKER'] as const) {
    expect((await ask(BULK, { input: ARCHIVE }, among.headers(role))).codes).toEqual(['FORBIDDEN']);
    expect((await ask('mutation { cancelBulkOperation(id: "x") { operation { id } } }', {}, among.headers(role))).codes).toEqual(['FORBIDDEN']);
    expect((await ask('{ bulkOperations { id } }', {}, among.headers(role))).codes).toEqual(['FORBIDDEN']);
  }
  expect((await ask('{ auditLog { nodes { id } } }', {}, among.headers('OPERATOR'))).codes).toEqual(['FORBIDDEN']);
});

test('an operation is about the queues of who asked for it, and is known to them and to those who know of all', async () => {
  const own = among.headers('OPERATOR');
  const whole = await ask(BULK, { input: { ...ARCHIVE, dryRun: true } }, among.everything);
  const preview = await ask(BULK, { input: { ...ARCHIVE, dryRun: true } }, own);
  expect(preview.data['bulk']).toMatchObject({ preview: { matched: 2, sample: [{ executionId: 'own-a-one-dlq' }, { executionId: 'own-a-two-dlq' }] } });
  expect((whole.data['bulk'] as { preview: { matched: number } }).preview.matched).toBeGreaterThan(2);

  const { data } = await ask(BULK, { input: ARCHIVE }, own);
  const { operation } = data['bulk'] as { operation: { id: string } };
  expect(await ended(operation.id)).toEqual({ state: 'COMPLETED', succeeded: 2, matched: 2 });
  const { collection } = among.running.app.model;
  expect(await collection.countDocuments({ executionId: { $regex: `^${MARK}` }, status: 'dlq' })).toBe((whole.data['bulk'] as { preview: { matched: number } }).preview.matched - 2);

  const look = 'query ($id: ID!) { bulkOperation(id: $id) { id } bulkOperations { id } }';
  expect((await ask(look, { id: operation.id }, own)).data).toEqual({ bulkOperation: { id: operation.id }, bulkOperations: [{ id: operation.id }] });
  expect((await ask(look, { id: operation.id }, among.everything)).data['bulkOperation']).toEqual({ id: operation.id });
  expect((await ask(look, { id: operation.id }, among.headers('ADMIN'))).data).toEqual({ bulkOperation: null, bulkOperations: [] });
  const cancelled = await ask('mutation ($id: ID!) { cancelBulkOperation(id: $id) { operation { id } userErrors { code } } }', { id: operation.id }, among.headers('ADMIN'));
  expect(cancelled.data['cancelBulkOperation']).toEqual({ operation: null, userErrors: [{ code: 'NOT_FOUND' }] });
});

test('an administrator with a scope reads what was done in it, and no entry of others by its id', async () => {
  await ask(`mutation { archiveTask(input: { executionId: "${MARK}-dlq", reason: "r" }) { changed } }`, {}, among.everything);
  const audit = '{ auditLog(first: 200) { nodes { id queueName executionId } } }';
  const all = (await ask(audit, {}, among.everything)).data['auditLog'] as { nodes: { id: string; queueName: string | null; executionId: string | null }[] };
  expect(all.nodes.some(({ executionId }) => executionId === `${MARK}-dlq`)).toBe(true);
  const own = (await ask(audit, {}, among.headers('ADMIN'))).data['auditLog'] as typeof all;
  expect(own.nodes.map(({ queueName }) => queueName).sort()).toEqual(['a-one', 'a-two']);
  const entry = await among.running.app.model.db.collection(AUDIT_COLLECTION).findOne({ executionId: `${MARK}-dlq` });
  const id = encodeGlobalId('AuditEntry', entry?._id);
  for (const headers of [among.headers('ADMIN'), among.headers('OPERATOR')]) expect((await ask('query ($id: ID!) { node(id: $id) { id } }', { id }, headers)).data).toEqual({ node: null });
  expect((await ask('query ($id: ID!) { node(id: $id) { id } }', { id }, among.everything)).data).toEqual({ node: { id } });
});
