/** The page that every server of `bench/throughput.mjs` answers: its rows, its operation, and a schema for who has none. */
import { GraphQLDateTimeISO, GraphQLJSONObject } from 'graphql-scalars';
import mongoose from 'mongoose';

import { sampleDocument } from './setup.mjs';

export const FIELDS = ['taskId', 'executionId', 'queueName', 'status', 'enqueuedAt', 'retryCount', 'errorCategory', 'metadata'];

export const OPERATION = `query Page($filter: TaskFilter, $first: Int!) {
  tasks(filter: $filter, first: $first) { nodes { ${FIELDS.join(' ')} } pageInfo { hasNextPage } }
}`;

export const VARIABLES = { filter: { queueName: ['bench_queue_1'], status: ['COMPLETED'] }, first: 50 };

/** As the database would give them. */
export const documents = Array.from({ length: 60 }, (_, index) => ({ _id: new mongoose.mongo.ObjectId(), ...sampleDocument(index), executionId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}` }));

export const pageOf = (first) => ({ nodes: documents.slice(0, first), pageInfo: { hasNextPage: documents.length > first } });

export const SDL = `
  scalar DateTime
  scalar JSONObject
  enum TaskStatus { QUEUED PROCESSING COMPLETED FAILED DLQ ARCHIVED }
  enum ErrorCategory { VALIDATION }
  input TaskFilter { queueName: [String!] status: [TaskStatus!] }
  type TaskTracker {
    taskId: String! executionId: ID! queueName: String! status: TaskStatus! enqueuedAt: DateTime! retryCount: Int!
    errorCategory: ErrorCategory metadata: JSONObject!
  }
  type PageInfo { hasNextPage: Boolean! }
  type TaskTrackerConnection { nodes: [TaskTracker!]! pageInfo: PageInfo! }
  type Query { tasks(filter: TaskFilter, first: Int): TaskTrackerConnection! }
`;

/** Nothing but the page: all else is left to the server's own default resolvers. */
export const RESOLVERS = (page) => ({
  DateTime: GraphQLDateTimeISO,
  JSONObject: GraphQLJSONObject,
  TaskStatus: Object.fromEntries(['QUEUED', 'PROCESSING', 'COMPLETED', 'FAILED', 'DLQ', 'ARCHIVED'].map((name) => [name, name.toLowerCase()])),
  ErrorCategory: { VALIDATION: 'validation' },
  Query: { tasks: (_root, { first }) => page(first) },
});
