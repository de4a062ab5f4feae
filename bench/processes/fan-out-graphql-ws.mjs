/** Stock graphql-ws on `ws`, with graphql-js and a plain publish-subscribe: each subscription executes each event. */
import { setMaxListeners } from 'node:events';
import { createServer } from 'node:http';

import { buildSchema, GraphQLScalarType } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { createPubSub } from 'graphql-yoga';
import { WebSocketServer } from 'ws';

import { nextMove, QUEUE, shownMove } from '../lib/fan-out.mjs';
import { serveHarness } from '../lib/publisher.mjs';

const schema = buildSchema(`
  scalar DateTime
  scalar JSON
  enum TaskStatus { QUEUED PROCESSING COMPLETED FAILED DLQ ARCHIVED UNKNOWN }
  input TaskFilter { queueName: [String!] }
  type Task { taskId: ID! queueName: String! retryCount: Int! metadata: JSON! }
  type TaskChange { executionId: ID status: TaskStatus previousStatus: TaskStatus at: DateTime! task: Task }
  type Query { queues: [String!]! }
  type Subscription { taskChanged(filter: TaskFilter): TaskChange! }
`);
for (const name of ['DateTime', 'JSON']) Object.assign(schema.getType(name), { serialize: new GraphQLScalarType({ name }).serialize });

// One listener a subscription: graphql-yoga's default target warns from the eleventh on.
const eventTarget = new EventTarget();
setMaxListeners(0, eventTarget);
const topics = createPubSub({ eventTarget });
const field = schema.getSubscriptionType().getFields().taskChanged;
// The cheapest way to be right for every filter of this bench: the topic is the queue that all of them name first.
field.subscribe = (_source, { filter }) => topics.subscribe(filter.queueName[0]);
field.resolve = (change) => change;

const http = createServer();
useServer({ schema, connectionInitWaitTimeout: 60_000 }, new WebSocketServer({ server: http, path: '/graphql' }));
http.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
  serveHarness(http.address().port, () => topics.publish(QUEUE, shownMove(nextMove()))),
);
