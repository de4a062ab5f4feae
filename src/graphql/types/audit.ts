import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';

import type { AuditAction as AuditActionName, AuditEntry as Entry, AuditPage } from '../../audit/types.js';
import { Node } from '../../model/node.js';
import { DateTime } from '../../model/scalars.js';
import { ShownStatus } from '../../model/status.js';
import { PageInfo } from './connection.js';

export const AuditAction = {
  RETRY: 'RETRY',
  ARCHIVE: 'ARCHIVE',
  MOVE_TO_DLQ: 'MOVE_TO_DLQ',
  FAIL_STUCK: 'FAIL_STUCK',
  DELETE: 'DELETE',
  BULK: 'BULK',
  RETENTION: 'RETENTION',
} as const satisfies { readonly [Name in AuditActionName]: Name };

registerEnumType(AuditAction, {
  name: 'AuditAction',
  description: 'What was done.',
  valuesConfig: {
    RETRY: { description: 'An execution was retried: `newExecutionId` is the new one.' },
    ARCHIVE: { description: 'An execution was taken out of the dead-letter queue.' },
    MOVE_TO_DLQ: { description: 'An execution was given up to the operators.' },
    FAIL_STUCK: { description: 'An execution that was stuck was failed, by a bulk operation.' },
    DELETE: { description: 'The document of an execution was deleted, by a bulk operation.' },
    BULK: { description: 'A bulk operation was started, was cancelled, or ended; `detail` says which. What it did to each execution has entries of its own.' },
    RETENTION: { description: 'A run of retention has changed something; `detail` says how much.' },
  },
});

@ObjectType({ implements: Node, description: 'One thing that somebody did. Written together with what it tells of: after a crash both are there, or neither is. Never changed.' })
export class AuditEntry extends Node implements Omit<Entry, '_id'> {
  @Field(() => DateTime, { description: 'When.' })
  at!: Date;

  @Field(() => String, { description: 'Name of who did it, e.g. of an API key, or `system:retention`.' })
  actor!: string;

  @Field(() => AuditAction, { description: 'What was done.' })
  action!: AuditActionName;

  @Field(() => ID, { nullable: true, description: 'The execution that it was done to; null for BULK and RETENTION.' })
  executionId!: string | null;

  @Field(() => String, { nullable: true, description: 'The taskId of that execution.' })
  taskId!: string | null;

  @Field(() => String, { nullable: true, description: 'The queue of that execution.' })
  queueName!: string | null;

  @Field(() => ID, { nullable: true, description: 'For RETRY: the execution that was made.' })
  newExecutionId!: string | null;

  @Field(() => String, { nullable: true, description: 'Why, as it was given.' })
  reason!: string | null;

  @Field(() => ShownStatus, { nullable: true, description: 'Where the execution stood.' })
  before!: ShownStatus | null;

  @Field(() => ShownStatus, { nullable: true, description: 'Where it stands after; null where it was deleted.' })
  after!: ShownStatus | null;

  @Field(() => ID, { nullable: true, description: 'The bulk operation that it is about or part of.' })
  operationId!: string | null;

  @Field(() => String, { nullable: true, description: 'For BULK and RETENTION: what happened, in words.' })
  detail!: string | null;

  filter!: Entry['filter'];
}

@ObjectType({ description: 'An entry of a page together with its place.' })
export class AuditEdge {
  @Field(() => String, { description: 'Opaque place of this entry: pass it as `after`.' })
  cursor!: string;

  @Field(() => AuditEntry, { description: 'The entry.' })
  node!: Entry;
}

@ObjectType({ description: 'One page of the audit log, the newest first.' })
export class AuditConnection {
  readonly #page: AuditPage;
  readonly #isFirst: boolean;

  constructor(page: AuditPage, isFirst: boolean) {
    this.#page = page;
    this.#isFirst = isFirst;
  }

  @Field(() => [AuditEdge], { description: 'The entries with their cursors. At most 200.' })
  get edges(): AuditPage['edges'] {
    return this.#page.edges;
  }

  @Field(() => [AuditEntry], { description: 'The entries without their cursors. At most 200.' })
  get nodes(): readonly Entry[] {
    return this.#page.edges.map(({ node }) => node);
  }

  @Field(() => PageInfo, { description: 'Where the page lies in the log.' })
  get pageInfo(): PageInfo {
    const { edges, hasNextPage } = this.#page;
    return { hasNextPage, hasPreviousPage: !this.#isFirst, startCursor: edges.at(0)?.cursor ?? null, endCursor: edges.at(-1)?.cursor ?? null };
  }
}
