import { Field, Float, ID, ObjectType, registerEnumType } from 'type-graphql';

import type { Alert as AlertSource, AlertKind as KindName, AlertSeverity as SeverityName, AlertState as StateName } from '../../alerts/types.js';
import { DateTime, JsonObject } from '../../model/scalars.js';

export const AlertState = { PENDING: 'PENDING', FIRING: 'FIRING', RESOLVED: 'RESOLVED' } as const satisfies Record<StateName, string>;

registerEnumType(AlertState, {
  name: 'AlertState',
  description: 'Where an alert stands.',
  valuesConfig: {
    PENDING: { description: 'The condition of its rule holds, but not yet for as long as it must. Nobody was told.' },
    FIRING: { description: 'It has held for long enough; the webhooks of the rule are told.' },
    RESOLVED: { description: 'It holds no more. It is listed for an hour, and begins anew where it holds again.' },
  },
});

export const AlertSeverity = { INFO: 'info', WARNING: 'warning', CRITICAL: 'critical' } as const satisfies Record<string, SeverityName>;

registerEnumType(AlertSeverity, {
  name: 'AlertSeverity',
  description: 'How much it matters, as the rule says.',
  valuesConfig: {
    INFO: { description: 'Worth knowing.' },
    WARNING: { description: 'To be looked at soon. The default.' },
    CRITICAL: { description: 'To be looked at now.' },
  },
});

export const AlertKind = {
  DEAD_LETTERS: 'dead_letters',
  FAILURE_RATE: 'failure_rate',
  OLDEST_QUEUED: 'oldest_queued',
  STUCK: 'stuck',
  NEW_ERROR_GROUP: 'new_error_group',
  FEED_NOT_LIVE: 'feed_not_live',
} as const satisfies Record<string, KindName>;

registerEnumType(AlertKind, {
  name: 'AlertKind',
  description: 'What a rule is about, and so what `value` and `threshold` are.',
  valuesConfig: {
    DEAD_LETTERS: { description: 'Executions in the dead-letter queue of a queue: a count.' },
    FAILURE_RATE: { description: 'Share of the attempts of a queue that failed in a window: 0 to 1.' },
    OLDEST_QUEUED: { description: 'How long the longest-waiting queued execution of a queue has waited: ms.' },
    STUCK: { description: 'Executions of a queue that have been processing for longer than the rule allows: a count.' },
    NEW_ERROR_GROUP: { description: 'A kind of failure that was seen in no queue in the 7 days before: how often it was counted.' },
    FEED_NOT_LIVE: { description: 'Whether the feed is not LIVE: 1 where it is not.' },
  },
});

@ObjectType({ description: 'What a rule says about one queue, about one kind of failure in it, or about the feed.' })
export class Alert implements Omit<AlertSource, 'fingerprint'> {
  @Field(() => ID, { description: 'Follows from rule, queue and kind of failure: the same in every replica, after every restart, and in what webhooks are sent.' })
  id!: string;

  @Field(() => String, { description: 'Name of the rule.' })
  rule!: string;

  @Field(() => AlertKind, { description: 'What the rule is about.' })
  kind!: KindName;

  @Field(() => AlertSeverity, { description: 'How much it matters.' })
  severity!: SeverityName;

  @Field(() => AlertState, { description: 'Where it stands.' })
  state!: StateName;

  @Field(() => String, { nullable: true, description: 'The queue that it is about; null where it is about the feed.' })
  queueName!: string | null;

  @Field(() => ID, { nullable: true, description: 'Of the kind of failure, as `ErrorGroup.fingerprint`; null where it is about something else.' })
  fingerprint!: string | null;

  @Field(() => JsonObject, { description: 'What the rule adds for receivers: texts by name.' })
  labels!: Readonly<Record<string, string>>;

  @Field(() => String, { description: 'One sentence for people.' })
  summary!: string;

  @Field(() => Float, { description: 'What was measured last, in the unit of its kind; of a resolved one, when it was resolved.' })
  value!: number;

  @Field(() => Float, { description: 'What `value` is compared with: it holds where `value` is greater.' })
  threshold!: number;

  @Field(() => DateTime, { description: 'Since when it holds, or had held.' })
  activeSince!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it began to fire; null where it has not.' })
  firedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was resolved; null while it holds.' })
  resolvedAt!: Date | null;
}
