/**
 * The yardstick: the driver, JSON.stringify and node:http, with nothing in between. Argument { uri }.
 * POST /page and /lookup take { variables } like the API does, and answer the same fields under the same names.
 */
import { createServer } from 'node:http';

import { MongoClient } from '../lib/driver.mjs';

const [{ uri }] = process.argv.slice(2).map((text) => JSON.parse(text));
const client = await MongoClient.connect(uri, { maxPoolSize: 100 });
const collection = client.db().collection('task_trackers');
const FIELDS = [
  'taskId', 'executionId', 'queueName', 'messageVersion', 'status', 'enqueuedAt', 'processingStartedAt', 'completedAt', 'failedAt',
  'retryCount', 'maxRetries', 'errorMessage', 'errorCategory', 'metadata', 'createdAt', 'updatedAt',
];

const shown = (document) => Object.fromEntries(FIELDS.map((field) => [field, document[field] ?? null]));

const answers = {
  '/page': async ({ queueName, status, first }) => {
    const documents = await collection
      .find({ queueName, status: status.toLowerCase() })
      .sort({ enqueuedAt: -1, _id: -1 })
      .limit(first + 1)
      .toArray();
    return { nodes: documents.slice(0, first).map(shown), hasNextPage: documents.length > first };
  },
  '/lookup': async ({ executionId }) => {
    const document = await collection.findOne({ executionId });
    return document === null ? null : shown(document);
  },
};

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    const { variables } = JSON.parse(Buffer.concat(chunks).toString());
    const body = JSON.stringify({ data: await answers[request.url](variables) });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
