import { expect, it } from 'vitest';

import { createFeed } from '../../../src/feed/feed.js';
import { silentLogger } from '../../support/database.js';
import { take } from '../../support/feed.js';
import { inserted, memorySource } from '../../support/memory-source.js';

const COUNT = 40;
const all = Array.from({ length: COUNT }, (_, n) => `e${n}`);

it('readers of the past that do not read keep no other reader from it', async () => {
  const source = memorySource();
  const feed = createFeed({ source, namespace: 'a.b', log: silentLogger(), ringEvents: 2, subscriberQueue: 8, concurrentCatchUps: 2 });
  await feed.start();
  const after = feed.cursor();
  const witness = take(feed.subscribe(), COUNT);
  source.commit(...all.map((executionId) => inserted(executionId)));
  await witness;
  const deaf = Array.from({ length: 5 }, () => feed.subscribe({ after }));
  const readers = Array.from({ length: 5 }, () => feed.subscribe({ after }));
  for (const reader of readers) expect((await take(reader, COUNT)).map(({ executionId }) => executionId)).toEqual(all);
  // Those who begin to read late have missed nothing.
  for (const reader of deaf) expect((await take(reader, COUNT)).map(({ executionId }) => executionId)).toEqual(all);
  await feed.close();
});

it('what is read ahead of a reader is bounded in bytes, too', async () => {
  const source = memorySource();
  const feed = createFeed({ source, namespace: 'a.b', log: silentLogger(), ringEvents: 2 });
  await feed.start();
  const after = feed.cursor();
  const witness = take(feed.subscribe(), COUNT);
  source.commit(...all.map((executionId) => inserted(executionId, { metadata: { large: 'x'.repeat(50_000) } })));
  await witness;
  let read = 0;
  const { replay } = source;
  source.replay = (from) => {
    const handle = replay(from);
    const tryNext = () => {
      read += 1;
      return handle.tryNext();
    };
    return { ...handle, tryNext };
  };
  const reader = feed.subscribe({ after });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(read).toBeLessThan(10);
  expect((await take(reader, COUNT)).map(({ executionId }) => executionId)).toEqual(all);
  await feed.close();
});
