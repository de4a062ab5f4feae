import { describe, expect, it } from 'vitest';

import { enableImages } from '../../../src/database/images.js';
import { ensureIndexes, indexSpecsOf } from '../../../src/database/indexes.js';
import { inspectDatabase, type Finding } from '../../../src/database/inspect.js';
import { COLLECTION_NAME, createTaskTrackerModel } from '../../../src/model/task-tracker.js';
import { DEDUPLICATION_INDEX } from '../../../src/model/indexes.js';
import { freshDatabase, type FreshDatabase } from '../../support/database.js';

const inspect = async ({ connection }: FreshDatabase) => {
  const specs = indexSpecsOf(createTaskTrackerModel(connection).schema);
  return inspectDatabase(connection, specs, { collection: COLLECTION_NAME, deduplicationIndex: DEDUPLICATION_INDEX });
};

const of = (findings: Finding[], check: Finding['check']) => findings.find((finding) => finding.check === check);

describe('inspectDatabase', () => {
  it('finds nothing lacking where all is set up, and leaves no trace', async () => {
    await using database = await freshDatabase();
    const specs = indexSpecsOf(createTaskTrackerModel(database.connection).schema);
    await enableImages(database.connection, COLLECTION_NAME);
    await ensureIndexes(database.connection, COLLECTION_NAME, specs);
    const findings = await inspect(database);
    expect(findings.filter((finding) => !finding.ok)).toEqual([]);
    expect(of(findings, 'server')?.detail).toMatch(/^MongoDB \d+\.\d+.*(replica set|sharded cluster)/);
    const names = (await database.connection.listCollections()).map((info) => info.name);
    expect(names).toEqual([COLLECTION_NAME]);
  });

  it('says for an empty database what is missing and what to do', async () => {
    await using database = await freshDatabase();
    const findings = await inspect(database);
    expect(of(findings, 'change streams')?.ok).toBe(true);
    expect(of(findings, 'transactions')?.ok).toBe(true);
    for (const check of ['images', 'indexes', 'deduplication'] as const) {
      expect(of(findings, check)).toMatchObject({ ok: false, remedy: expect.stringContaining('Start the server') as string });
    }
    expect(await database.connection.listCollections()).toEqual([]);
  });

  it('counts the tasks whose executions stand in the way of deduplication', async () => {
    await using database = await freshDatabase();
    await database.connection.collection(COLLECTION_NAME).insertMany([
      { taskId: 'a', status: 'queued' },
      { taskId: 'a', status: 'processing' },
      { taskId: 'b', status: 'queued' },
      { taskId: 'c', status: 'failed' },
      { taskId: 'c', status: 'queued' },
    ]);
    const finding = of(await inspect(database), 'deduplication');
    expect(finding?.detail).toContain('1 tasks have more than one active execution');
    expect(finding?.remedy).toContain('archive the superfluous executions');
    expect(await database.connection.collection(COLLECTION_NAME).countDocuments({})).toBe(5);
  });

  it("notices that the original model's syncIndexes() dropped ours", async () => {
    await using database = await freshDatabase();
    const specs = indexSpecsOf(createTaskTrackerModel(database.connection).schema);
    await ensureIndexes(database.connection, COLLECTION_NAME, specs);
    await database.connection.collection(COLLECTION_NAME).dropIndex(DEDUPLICATION_INDEX);
    const findings = await inspect(database);
    expect(of(findings, 'indexes')?.detail).toContain(DEDUPLICATION_INDEX);
    expect(of(findings, 'deduplication')?.ok).toBe(false);
  });
});
