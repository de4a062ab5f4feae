import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { QueueScope } from '../../../src/access/queue-scope.js';
import { ErrorCategory } from '../../../src/model/error-category.js';
import { toExecution } from '../../../src/model/execution.js';
import { fingerprintOf } from '../../../src/model/fingerprint/fingerprint.js';
import { normalise } from '../../../src/model/fingerprint/normalise.js';
import { createTaskTrackerModel, type TaskTrackerModel } from '../../../src/model/task-tracker.js';
import { matcherOf } from '../../../src/queries/filter-matches.js';
import { filterToMongo } from '../../../src/queries/filter-to-mongo.js';
import { isWithin, scopeCondition } from '../../../src/queries/scope.js';
import type { TaskFilter } from '../../../src/queries/types.js';
import { validateFilter } from '../../../src/queries/validate-filter.js';
import { type FreshDatabase, freshDatabase } from '../../support/database.js';
import { message, neighbours } from '../../support/failure-messages.js';
import { buildLooseIndexes, type Document, documents, fill, nameOfId, taskFilter } from './strange-documents.js';

describe('A filter', () => {
  let database: FreshDatabase;
  let model: TaskTrackerModel;

  beforeAll(async () => {
    database = await freshDatabase();
    model = createTaskTrackerModel(database.connection);
    await buildLooseIndexes(model);
  });
  afterAll(() => database.close());

  async function selected(filter: TaskFilter): Promise<string[]> {
    const found = await model.collection.find(filterToMongo(validateFilter(filter)) as never).toArray();
    return found.map(({ _id }) => nameOfId(_id)).sort();
  }

  async function matched(filter: TaskFilter): Promise<string[]> {
    const all = (await model.collection.find({}).toArray()) as Document[];
    const matches = matcherOf(filter);
    return all.map(toExecution).filter(matches).map(({ _id }) => nameOfId(_id)).sort();
  }

  it('selects the same executions in the database and in process, whatever the documents hold', async () => {
    await fc.assert(
      fc.asyncProperty(documents(20), fc.array(taskFilter, { minLength: 8, maxLength: 8 }), async (list, filters) => {
        await fill(model, list);
        for (const filter of filters) expect(await matched(filter), JSON.stringify(filterToMongo(validateFilter(filter)))).toEqual(await selected(filter));
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });

  it('of a scope selects the same executions in the database and in process: those that name one queue in it, by a text', async () => {
    const names = ['a', 'a-1', 'a-\n', 'a\n', 'A', 'b', '', 'a.c', 'abc', '*', 'é', '$a', '(a'];
    const queueName = fc.oneof(fc.constantFrom<unknown>(...names), fc.array(fc.constantFrom<unknown>(...names, 1, null), { maxLength: 2 }), fc.constantFrom<unknown>(null, 7, { a: 'a' }, true, new Date(0), undefined));
    const pattern = fc.constantFrom('a', 'a-*', '*', '*a', 'a.c', '(a', '$*', 'é', 'a\n', '*\n', '**', 'b*c');
    await fc.assert(
      fc.asyncProperty(fc.array(queueName, { minLength: 25, maxLength: 25 }), fc.array(fc.uniqueArray(pattern, { minLength: 1, maxLength: 3 }), { minLength: 6, maxLength: 6 }), async (queues, scopes) => {
        await fill(model, queues.map((name, index) => (name === undefined ? { _id: index } : { _id: index, queueName: name })));
        const all = (await model.collection.find({}).toArray()) as Document[];
        for (const patterns of scopes) {
          const scope = new QueueScope(patterns);
          const found = await model.collection.find(scopeCondition(scope) as never).toArray();
          const ids = (documents: readonly Document[]): string[] => documents.map(({ _id }) => nameOfId(_id)).sort();
          expect(ids(all.filter((document) => isWithin(scope, document))), JSON.stringify(scopeCondition(scope))).toEqual(ids(found as Document[]));
        }
      }),
      { numRuns: 15, endOnFailure: true },
    );
  });

  it('by a fingerprint selects in the database exactly the failures that normalise to its message, however hard they are to tell apart', async () => {
    const texts = fc.sample(message.chain((text) => fc.tuple(fc.constant(text), neighbours(text), neighbours(text))), { numRuns: 30, seed: 7 }).flat();
    const failedAt = new Date();
    await fill(model, texts.map((errorMessage, index) => ({ _id: index, errorMessage, failedAt, errorCategory: index % 7 === 0 ? undefined : 'transient' })));
    const stored = (await model.collection.find({}).toArray()) as Document[];
    for (const text of texts) {
      const kind = fingerprintOf(ErrorCategory.TRANSIENT, text);
      const wanted = stored.filter((each) => each['errorCategory'] === 'transient' && normalise(each['errorMessage'] as string) === kind.message);
      expect(await selected({ fingerprint: kind.fingerprint }), JSON.stringify(text)).toEqual(wanted.map(({ _id }) => nameOfId(_id)).sort());
    }
  });
});
