import 'reflect-metadata';

import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { buildSchema, type PubSub } from 'type-graphql';

import { DateTime } from '../model/scalars.js';
import { refuseHiddenFilters } from './access/hidden-filters.js';
import { AlertResolver } from './resolvers/alerts.js';
import { AuditEntryResolver, AuditResolver } from './resolvers/audit.js';
import { BulkOperationResolver, BulkResolver } from './resolvers/bulk.js';
import { CallerResolver } from './resolvers/caller.js';
import { resolveDirectly } from './resolvers/direct.js';
import { FigureSubscriptionResolver } from './resolvers/figure-subscriptions.js';
import { ErrorGroupResolver, FigureResolver, QueueFigureResolver } from './resolvers/figures.js';
import { LiveTasksResolver } from './resolvers/live-tasks.js';
import { MutationResolver } from './resolvers/mutations.js';
import { QueryResolver } from './resolvers/queries.js';
import { QueueResolver } from './resolvers/queue.js';
import { StuckTasksResolver } from './resolvers/stuck-tasks.js';
import { SubscriptionResolver } from './resolvers/subscriptions.js';
import { TaskTrackerResolver } from './resolvers/task-tracker.js';
import { deliverStreamErrors } from './subscriptions/stream-errors.js';

/** type-graphql wants one although no subscription of ours uses topics: all of them read the feed. */
const NO_TOPICS: PubSub = {
  publish(topic) {
    throw new Error(`nothing is published by topic, and ${String(topic)} was`);
  },
  subscribe(topic) {
    throw new Error(`nothing is subscribed to by topic, and ${String(topic)} was`);
  },
};

const ROOT_DESCRIPTIONS = {
  Query: 'What stands in the collection now. A look-up that finds nothing is null, not an error.',
  Mutation: 'The moves of an execution\'s life. Each is decided by the database in one conditional write; what is refused comes back as `userErrors`.',
  Subscription: 'What happens from now on, over graphql-ws (subprotocol `graphql-transport-ws`) on the same path as HTTP.',
} as const;

/**
 * The executable schema. It holds no state and no services: those come with each operation's context, so one schema
 * may serve several applications.
 */
export async function buildTaskTrackerSchema(): Promise<GraphQLSchema> {
  const schema = await buildSchema({
    resolvers: [
      QueryResolver,
      CallerResolver,
      MutationResolver,
      SubscriptionResolver,
      LiveTasksResolver,
      BulkResolver,
      BulkOperationResolver,
      AuditResolver,
      AuditEntryResolver,
      StuckTasksResolver,
      FigureResolver,
      ErrorGroupResolver,
      FigureSubscriptionResolver,
      TaskTrackerResolver,
      QueueResolver,
      QueueFigureResolver,
      AlertResolver,
    ],
    scalarsMap: [{ type: Date, scalar: DateTime }],
    pubSub: NO_TOPICS,
    // Arguments are checked where they are used, with errors that name them.
    validate: false,
  });
  for (const [name, description] of Object.entries(ROOT_DESCRIPTIONS)) {
    const type = schema.getType(name);
    if (type) type.description = description;
  }
  resolveDirectly(schema);
  refuseHiddenFilters(schema);
  deliverStreamErrors(schema);
  return schema;
}

/** The schema as text, in alphabetical order so that it differs only where the API does. Ends with a line feed. */
export async function printTaskTrackerSchema(): Promise<string> {
  return `${printSchema(lexicographicSortSchema(await buildTaskTrackerSchema()))}\n`;
}
