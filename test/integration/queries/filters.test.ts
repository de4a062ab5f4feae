import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ErrorCategory } from '../../../src/model/error-category.js';
import { toExecution } from '../../../src/model/execution.js';
import { fingerprintOf } from '../../../src/model/fingerprint/fingerprint.js';
import { normalise } from '../../../src/model/fingerprint/normalise.js';
import { createTaskTrackerModel, type TaskTrackerModel } from '../../../src/model/task-tracker.js';
import { matcherOf } from '../../../src/queries/filter-matches.js';
import { filterToMongo } from '../../../src/queries/filter-to-mongo.js';
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
