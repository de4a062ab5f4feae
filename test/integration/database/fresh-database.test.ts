import { expect, it } from 'vitest';

import { freshDatabase } from '../../support/database.js';

it('every fresh database is empty and its own', async () => {
  await using one = await freshDatabase();
  await using two = await freshDatabase();
  await one.connection.collection('things').insertOne({ n: 1 });
  expect(await two.connection.collection('things').countDocuments()).toBe(0);
  expect(one.name).not.toBe(two.name);
  expect(one.connection.name).toBe(one.name);
});
