import { createApiKey } from '../../../src/server/auth/api-key.js';
import type { Role } from '../../../src/access/role.js';
import { type RunningApp, runningApp } from '../../support/app.js';
import { until } from '../../support/embedded.js';

/** In every text of the other tenant: wherever it turns up, something got out. */
export const MARK = 'XQZ';
export const SCOPE = ['a-*', 'shared'];

const HOUR = 3_600_000;
export const NOW = Math.floor(Date.now() / 60_000) * 60_000;
const at = (hours: number): Date => new Date(NOW - hours * HOUR);

const STATUSES = ['queued', 'processing', 'completed', 'failed', 'dlq', 'archived'] as const;

function life(status: (typeof STATUSES)[number], text: string): Record<string, unknown> {
  const failed = ['failed', 'dlq', 'archived'].includes(status);
  return {
    status,
    enqueuedAt: at(5),
    createdAt: at(5),
    updatedAt: at(4),
    retryCount: 1,
    maxRetries: 5,
    messageVersion: `${text} 1`,
    metadata: { owner: `${text} owner`, [`${text} key`]: { deep: [`${text} deep`] } },
    ...(status !== 'queued' && { processingStartedAt: at(4.5) }),
    ...(status === 'completed' && { completedAt: at(4.2) }),
    ...(failed && { failedAt: at(4.1), errorMessage: `${text} boom`, errorCategory: 'transient', errorStack: `${text} stack` }),
    ...(status === 'archived' && { archivedAt: at(4), archivedBy: `${text} person`, archivedReason: `${text} reason` }),
  };
}

/** Documents of the tenant in the scope: the same in both applications. */
export function ownDocuments(): readonly Record<string, unknown>[] {
  return ['a-one', 'a-two'].flatMap((queueName, index) =>
    STATUSES.map((status) => ({ _id: `own-${queueName}-${status}`, executionId: `own-${queueName}-${status}`, taskId: `own:${index}:${status}`, queueName, ...life(status, 'own') })),
  );
}

export const OTHER_QUEUE = `b-${MARK}`;

/** Documents of the other tenant, some under taskIds, kinds of failures and metadata that the first one has too. */
export function otherDocuments(): readonly Record<string, unknown>[] {
  const plain = STATUSES.map((status) => ({ _id: `${MARK}-${status}`, executionId: `${MARK}-${status}`, taskId: `${MARK}:${status}`, queueName: OTHER_QUEUE, ...life(status, MARK) }));
  const alike = (['failed', 'completed', 'archived'] as const).map((status) => ({
    ...life(status, MARK),
    _id: `${MARK}-alike-${status}`,
    executionId: `${MARK}-alike-${status}`,
    taskId: `own:0:${status}`,
    queueName: `a${MARK}`,
    createdAt: at(1),
    errorMessage: 'own boom',
    metadata: { owner: 'own owner' },
  }));
  return [...plain, ...alike, { ...life('failed', MARK), _id: `${MARK}-nowhere`, executionId: `${MARK}-nowhere`, taskId: `${MARK}:nowhere` }];
}

/** Documents that name a queue of the first tenant in a list, or in another way than by a text. They are nobody's. */
export function strangeDocuments(): readonly Record<string, unknown>[] {
  return [['a-one', OTHER_QUEUE], ['a-one'], { name: 'a-one' }, 7, `a-one\n${MARK}`.replace('a-', 'A-'), null].map((queueName, index) => ({
    ...life(STATUSES[index % STATUSES.length] ?? 'failed', MARK),
    _id: `${MARK}-strange-${index}`,
    executionId: `${MARK}-strange-${index}`,
    taskId: index % 2 === 0 ? `own:0:failed` : `${MARK}:strange`,
    queueName,
  }));
}

export interface Tenants extends AsyncDisposable {
  readonly running: RunningApp;
  /** Headers of a caller of the scope. */
  headers(role: Role): { readonly authorization: string };
  readonly everything: { readonly authorization: string };
}

/** An application with these documents, whose figures come from memory. */
export async function tenantsWith(documents: readonly Record<string, unknown>[], options: { statistics?: 'stream' | 'aggregate' } = {}): Promise<Tenants> {
  const roles: readonly Role[] = ['VIEWER', 'OPERATOR', 'WORKER', 'ADMIN'];
  const scoped = roles.map((role) => [role, createApiKey({ name: `scoped ${role}`, role, queues: SCOPE })] as const);
  const admin = createApiKey({ name: 'admin', role: 'ADMIN' });
  const running = await runningApp({
    apiKeys: JSON.stringify([...scoped.map(([, { entry }]) => entry), admin.entry]),
    maxCost: 1_000_000_000,
    maxTokens: 1_000_000,
    maxDepth: 100,
    maxRootFields: 100,
    bodyLimit: 10 * 1024 * 1024,
    bookmarkIntervalMs: 200,
    ...options,
  });
  await running.app.model.collection.insertMany(documents.map((document) => ({ ...document })) as never[]);
  if (options.statistics !== 'aggregate') {
    for await (const { state } of running.app.services.statistics.watchStatus()) if (state === 'READY') break;
    // The feed has brought all that was inserted, and not only the first of it.
    const expected = new Map<string, number>();
    for (const { queueName } of documents) if (typeof queueName === 'string') expected.set(queueName, (expected.get(queueName) ?? 0) + 1);
    // A document that names a queue in a list may be counted too.
    await until('the figures hold every document', async () => {
      const counts = await running.app.services.statistics.manyQueueCounts([...expected.keys()]);
      return counts.every(({ queueName, total }) => total >= (expected.get(queueName) ?? 0));
    });
  }
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
  const keys = new Map(scoped.map(([role, { key }]) => [role, key]));
  return {
    running,
    headers: (role) => bearer(keys.get(role) ?? ''),
    everything: bearer(admin.key),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
