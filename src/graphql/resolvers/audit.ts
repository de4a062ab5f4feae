import { Arg, Ctx, Extensions, FieldResolver, ID, Int, Query, Resolver, Root, Subscription } from 'type-graphql';

import type { AuditEntry as Entry } from '../../audit/types.js';
import { JsonObject } from '../../model/scalars.js';
import type { OperationContext } from '../context.js';
import { encodeGlobalId } from '../global-id.js';
import { shownFilter } from '../shown-filter.js';
import { fromListener } from '../subscriptions/callbacks.js';
import { NEWS } from '../subscriptions/sharing.js';
import { AuditConnection, AuditEntry } from '../types/audit.js';

export const AUDIT_ENTRY_TYPE = 'AuditEntry';

/** What operators did. */
@Resolver()
export class AuditResolver {
  @Query(() => AuditConnection, { description: 'What was done to executions, by whom and why: the newest first. Entries are removed after 90 days unless the server is set up otherwise. For administrators.' })
  async auditLog(
    @Arg('first', () => Int, { nullable: true, defaultValue: 50, description: 'How many entries: 1 to 200. Default 50.' }) first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the entry behind which to start.' }) after: string | null,
    @Arg('executionId', () => ID, { nullable: true, description: 'Only what was done to this execution.' }) executionId: string | null,
    @Arg('actor', () => String, { nullable: true, description: 'Only what was done by who has this name.' }) actor: string | null,
    @Ctx() { audit, caller }: OperationContext,
  ): Promise<AuditConnection> {
    return new AuditConnection(await audit.page({ first, after, executionId, actor, scope: caller.queues }), after === null || after === undefined);
  }

  @Extensions({ sharing: NEWS })
  @Subscription(() => AuditEntry, {
    description: 'What is done to executions, as it is written down, by whichever replica. Entries that were written while the database was away come late; what was missed `auditLog` has. For administrators.',
    subscribe: ({ context }: { readonly context: OperationContext }) => {
      const { queues } = context.caller;
      const mayKnow = ({ queueName }: Entry): boolean => queues === null || (queueName !== null && queues.includes(queueName));
      return fromListener<Entry>((listener) =>
        context.audit.onEntry((entry) => {
          if (mayKnow(entry)) listener(entry);
        }),
      );
    },
  })
  auditLogged(@Root() entry: Entry): Entry {
    return entry;
  }
}

/** What of an entry is not shown as it is kept. */
@Resolver(() => AuditEntry)
export class AuditEntryResolver {
  @FieldResolver(() => ID, { description: 'Global id: opaque, unique over all types, stable for the life of the entry. `node` takes it.' })
  id(@Root() { _id }: Entry): string {
    return encodeGlobalId(AUDIT_ENTRY_TYPE, _id);
  }

  @FieldResolver(() => JsonObject, { nullable: true, description: 'For BULK: which executions, as it was asked for.' })
  filter(@Root() { filter }: Entry): unknown {
    return filter === null ? null : shownFilter(filter);
  }
}
