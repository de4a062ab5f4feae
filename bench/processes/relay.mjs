/**
 * The limit of pushing changes to many: the driver's change stream, and bare `ws` broadcasting finished bytes, one buffer for
 * all. It reads nothing but the change itself; what else a frame of ours holds is constant. Argument { uri }.
 */

import { broadcaster } from '../lib/broadcaster.mjs';
import { MongoClient } from '../lib/driver.mjs';
import { shownMove } from '../lib/fan-out.mjs';

const [{ uri }] = process.argv.slice(2).map((text) => JSON.parse(text));
const client = await MongoClient.connect(uri);
const stream = client.db().collection('task_trackers').watch([]);
const { listen, broadcast } = broadcaster();

stream.on('change', ({ updateDescription, wallTime }) => {
  const sentAt = updateDescription?.updatedFields['metadata.sentAt'];
  if (typeof sentAt !== 'number') return;
  broadcast(shownMove({ taskId: 'partner_tasks:SATLOC:695d:00000000', executionId: '00000000-0000-0000-0000-000000000000', retryCount: 0, at: wallTime ?? new Date(), sentAt }));
});
await new Promise((resolve) => stream.once('resumeTokenChanged', resolve));
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
process.send({ port: await listen() });
