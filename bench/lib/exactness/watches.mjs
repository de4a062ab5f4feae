/**
 * Twenty ways to watch, each with what it must end with in the database, asked of the database by other words than
 * TaskTracker's. `complete`: it must have seen every state of the executions that it may see at all.
 */
import { QUEUES } from './writes.mjs';

const always = () => true;
const inQueues = (...names) => ({ filter: { queueName: names }, query: { queueName: { $in: names } }, complete: ({ queueName }) => names.includes(queueName) });

export function watchesFor(startedAt) {
  const everything = { filter: undefined, query: {} };
  const by = (filter, query) => ({ filter, query });
  return [
    { name: 'everything', ...everything, complete: always },
    { name: 'everything, client restarted again and again', ...everything, complete: always, restartEvery: 150 },
    { name: 'everything, slow reader', ...everything, complete: always, delayMs: 1, bufferLimit: 40 },
    { name: 'everything, joins late', ...everything, late: true },
    { name: 'one queue', ...inQueues(QUEUES[0]) },
    { name: 'two queues, small pages', ...inQueues(QUEUES[1], QUEUES[2]), pageSize: 7 },
    { name: 'a prefix of the taskId', filter: { taskIdPrefix: 'exact:a' }, query: { taskId: { $regex: '^exact:a' } }, complete: ({ taskId }) => taskId.startsWith('exact:a') },
    { name: 'one queue, client restarted', ...inQueues(QUEUES[3]), restartEvery: 60 },
    { name: 'queued', ...by({ status: ['QUEUED'] }, { status: 'queued' }) },
    { name: 'failed or dead', ...by({ status: ['FAILED', 'DLQ'] }, { status: { $in: ['failed', 'dlq'] } }) },
    { name: 'completed', ...by({ status: ['COMPLETED'] }, { status: 'completed' }) },
    { name: 'processing in one queue', ...by({ status: ['PROCESSING'], queueName: [QUEUES[0]] }, { status: 'processing', queueName: QUEUES[0] }) },
    { name: 'retried twice or more', ...by({ minRetryCount: 2 }, { retryCount: { $gte: 2 } }) },
    { name: 'transient errors', ...by({ errorCategory: ['TRANSIENT'] }, { errorCategory: 'transient' }) },
    { name: 'red', ...by({ metadata: [{ path: 'colour', eq: 'red' }] }, { 'metadata.colour': 'red' }) },
    { name: 'with a note', ...by({ metadata: [{ path: 'note', exists: true }] }, { 'metadata.note': { $exists: true } }) },
    { name: 'written since the start', ...by({ updatedAfter: startedAt.toISOString() }, { updatedAt: { $gt: startedAt } }) },
    { name: 'failed since the start', ...by({ failedAfter: startedAt.toISOString() }, { failedAt: { $gt: startedAt } }) },
    { name: 'archived, joins late', ...by({ status: ['ARCHIVED'] }, { status: 'archived' }), late: true },
    { name: 'blue and dead, client restarted', ...by({ status: ['DLQ'], metadata: [{ path: 'colour', in: ['blue'] }] }, { status: 'dlq', 'metadata.colour': 'blue' }), restartEvery: 25 },
  ];
}
