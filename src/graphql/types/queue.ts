import { Field, Int, ObjectType } from 'type-graphql';

import { DateTime } from '../../model/scalars.js';
import type { QueueCounts } from '../../stats/types.js';
import { StatsSource } from './enums.js';

@ObjectType({ description: 'How many executions of a queue stand in each status.' })
export class QueueStats implements QueueCounts {
  @Field(() => String, { description: 'Name of the queue.' })
  queueName!: string;

  @Field(() => Int, { description: 'Executions that wait for a worker.' })
  queued!: number;

  @Field(() => Int, { description: 'Executions that a worker has started and not ended.' })
  processing!: number;

  @Field(() => Int, { description: 'Executions that ended well.' })
  completed!: number;

  @Field(() => Int, { description: 'Executions that ended badly and are not in the dead-letter queue.' })
  failed!: number;

  @Field(() => Int, { description: 'Executions in the dead-letter queue.' })
  dlq!: number;

  @Field(() => Int, { description: 'Executions taken out of the dead-letter queue.' })
  archived!: number;

  @Field(() => Int, { description: 'Documents whose stored status is none of the six.' })
  unknown!: number;

  @Field(() => Int, { description: 'All executions of the queue, those of unknown status included.' })
  total!: number;

  @Field(() => DateTime, { description: 'The instant for which the counts hold.' })
  asOf!: Date;

  @Field(() => Boolean, { description: 'False while the counts are from memory and the feed is not LIVE: changes after `asOf` may be missing. What the database counted is always exact.' })
  exact!: boolean;

  @Field(() => StatsSource, { description: 'Where the counts came from.' })
  source!: keyof typeof StatsSource;
}

@ObjectType({ description: 'A queue: the name that executions were put in under, and figures about them.' })
export class Queue {
  @Field(() => String, { description: 'Name of the queue, e.g. `partner_tasks`.' })
  name!: string;
}
