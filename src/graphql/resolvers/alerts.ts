import { Arg, Ctx, Extensions, Query, Resolver, Root, Subscription } from 'type-graphql';

import type { Alert as AlertSource, AlertState as StateName } from '../../alerts/types.js';
import type { OperationContext } from '../context.js';
import { fromListener } from '../subscriptions/callbacks.js';
import { NEWS } from '../subscriptions/sharing.js';
import { Alert, AlertState } from '../types/alert.js';

/** Alerts by the rules of TASKTRACKER_ALERTS_FILE, as this replica sees them. */
@Resolver()
export class AlertResolver {
  @Query(() => [Alert], {
    description:
      'The alerts that hold, and those that were resolved in the last hour, by the rules of this server: those that hold first, then by severity, then the latest. ' +
      'At most 1,000. Each replica sees for itself; a restart forgets resolved ones. Empty where there are no rules.',
  })
  alerts(
    @Arg('state', () => [AlertState], { nullable: true, description: 'Only those in one of these states. Default: all.' }) state: readonly StateName[] | null,
    @Ctx() { alerts }: OperationContext,
  ): readonly AlertSource[] {
    return alerts.list().filter((alert) => !state || state.includes(alert.state));
  }

  @Extensions({ sharing: NEWS })
  @Subscription(() => Alert, {
    description: 'Each change of the state of an alert. Subscribe, then ask for `alerts`: nothing is missed in between.',
    subscribe: ({ context: { alerts } }: { readonly context: OperationContext }) => fromListener<AlertSource>((listener) => alerts.onChange(listener)),
  })
  alertChanged(@Root() alert: AlertSource): AlertSource {
    return alert;
  }
}
