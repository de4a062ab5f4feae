import { createSourceEventStream, execute, type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql';

import type { OperationContext } from '../../graphql/context.js';
import type { ConnectionWriter } from './connection-writer.js';
import { utf8 } from './frame.js';
import { Group } from './group.js';
import { Member } from './member.js';
import type { Payload } from './payload.js';
import { PayloadCache } from './payload-cache.js';
import { shapeOf, type SubscriptionShape, viewOf } from './sharing.js';

export interface SharedSubscriptionsOptions {
  /** A context with loaders of its own, for the execution of one event. */
  readonly createContext: (args: ExecutionArgs) => OperationContext;
  /** Equal for callers that may see the same. */
  readonly audienceOf: (args: ExecutionArgs) => string;
  /** What a client may see of a result: internal errors are masked. */
  readonly shown: (result: ExecutionResult) => object;
  /** Told of each execution of an event, which it must run; absent: nobody is. */
  readonly observed?: ((args: ExecutionArgs, event: unknown, render: () => Payload | Promise<Payload>) => Payload | Promise<Payload>) | undefined;
  /** Events that may wait for one subscription while its client does not read. */
  readonly queueLimit: number;
  /** The last result of a subscription whose client reads too slowly. */
  readonly tooSlow: (cursor: string | null) => ExecutionResult;
}

export interface Subscription {
  /** The client's id of the operation. */
  readonly id: string;
  readonly writer: ConnectionWriter;
}

function isStream(value: AsyncIterable<unknown> | ExecutionResult): value is AsyncIterable<unknown> {
  return Symbol.asyncIterator in value;
}

function toErrorResult(error: unknown): ExecutionResult {
  const originalError = error instanceof Error ? error : new Error(String(error));
  return { errors: [new GraphQLError(originalError.message, { originalError })] };
}

function cursorOf(event: unknown): string | null {
  if (typeof event !== 'object' || event === null || !('cursor' in event)) return null;
  return typeof event.cursor === 'string' ? event.cursor : null;
}

/**
 * Subscriptions by how much they have in common. Equal ones (document, variables, audience) share the source, the
 * execution of each event, and its payload. Those that differ only in the cursor they go on behind, or in a filter, have
 * sources of their own, and share the rest for every event that looks alike to them. Nothing is ever shared between
 * audiences.
 */
export class SharedSubscriptions {
  readonly #options: SharedSubscriptionsOptions;
  readonly #groups = new Map<string, Group>();
  /** Sources that are being opened: an equal subscription waits for them. */
  readonly #opening = new Map<string, Promise<Group | ExecutionResult>>();
  readonly #payloads = new PayloadCache();

  constructor(options: SharedSubscriptionsOptions) {
    this.#options = options;
  }

  /** The results of one subscription, or why there are none. Subscribed when it resolves. */
  async subscribe(args: ExecutionArgs, subscription: Subscription): Promise<ExecutionResult | Member> {
    const shape = shapeOf(args, this.#options.audienceOf(args));
    if (!shape.sharesSource) return this.#join(await this.#open(args, shape), subscription);

    for (;;) {
      const group = this.#groups.get(shape.key) ?? (await this.#openShared(args, shape));
      // Whoever opened it may have gone again before this one could join.
      if (!(group instanceof Group) || !group.ended) return this.#join(group, subscription);
    }
  }

  #openShared(args: ExecutionArgs, shape: SubscriptionShape): Promise<Group | ExecutionResult> {
    let opening = this.#opening.get(shape.key);
    if (opening === undefined) {
      opening = this.#open(args, shape).finally(() => this.#opening.delete(shape.key));
      this.#opening.set(shape.key, opening);
    }
    return opening;
  }

  #join(group: Group | ExecutionResult, { id, writer }: Subscription): ExecutionResult | Member {
    if (!(group instanceof Group)) return group;
    const { queueLimit, tooSlow } = this.#options;
    const member = new Member({ id, writer, queueLimit, tooSlow, onLeave: (leaving) => group.leave(leaving) });
    group.join(member);
    return member;
  }

  async #open(args: ExecutionArgs, { sharing, sharesSource, key, shape }: SubscriptionShape): Promise<Group | ExecutionResult> {
    const stream = await createSourceEventStream(args);
    if (!isStream(stream)) return stream;
    const { observed } = this.#options;
    const render = (event: unknown) => (observed === undefined ? this.#render(args, event) : observed(args, event, () => this.#render(args, event)));
    const lookOf = sharing?.view ? viewOf(args, sharing.view) : null;
    const group = new Group({
      source: stream[Symbol.asyncIterator](),
      render: (event) => this.#payloads.get(event, shape, lookOf?.(event) ?? '', () => render(event)),
      stateOf: (sharesSource && sharing?.stateOf) || null,
      welcome: (sharesSource && sharing?.welcome) || null,
      paced: !sharesSource,
      onEmpty: (ended) => {
        if (sharesSource && this.#groups.get(key) === ended) this.#groups.delete(key);
      },
    });
    if (sharesSource) this.#groups.set(key, group);
    // Whoever opened it joins in this same turn; the first event is taken in the next.
    setImmediate(() => void group.run());
    return group;
  }

  #render(args: ExecutionArgs, event: unknown): Payload | Promise<Payload> {
    const cursor = cursorOf(event);
    const toPayload = (result: ExecutionResult): Payload => ({ json: utf8(JSON.stringify(this.#options.shown(result))), cursor });
    const toFailure = (error: unknown): Payload => toPayload(toErrorResult(error));
    try {
      const result = execute({ ...args, rootValue: event, contextValue: this.#options.createContext(args) });
      return result instanceof Promise ? result.then(toPayload).catch(toFailure) : toPayload(result as ExecutionResult);
    } catch (error) {
      return toFailure(error);
    }
  }
}
