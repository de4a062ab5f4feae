import type { Member } from './member.js';
import type { Payload } from './payload.js';

export interface GroupOptions {
  /** The events of the subscription, owned by the group from here on. */
  readonly source: AsyncIterator<unknown>;
  /** The result of one event as it is sent. */
  readonly render: (event: unknown) => Promise<Payload> | Payload;
  /**
   * For events that are states: of what. Who joins late is sent the last state of each at once. Null for events that are
   * only news.
   */
  readonly stateOf: ((event: unknown) => string) | null;
  /**
   * For events that change a state: from the last event that was delivered, the event that says how all of it stands
   * after that. Who joins late is sent it first, then what follows.
   */
  readonly welcome?: ((last: unknown) => unknown) | null;
  /** True for the source of one subscription alone: it waits for its client, as what is replayed from the past must. */
  readonly paced?: boolean;
  readonly onEmpty: (group: Group) => void;
}

interface Arrival {
  /** What was delivered to the others meanwhile. */
  readonly since: Payload[];
  readonly done: Promise<void>;
}

/** Subscriptions that ask for the same and may see the same: one source, one execution an event, one payload. */
export class Group {
  readonly #options: GroupOptions;
  readonly #members = new Set<Member>();
  readonly #states = new Map<string, Payload>();
  /** The last event that was delivered. */
  #last: { readonly event: unknown } | null = null;
  /** Members that joined late and whose first payload is still being rendered. */
  readonly #arriving = new Map<Member, Arrival>();
  #ended = false;

  constructor(options: GroupOptions) {
    this.#options = options;
  }

  /** True once its source has ended or its last member has left: nobody can join any more. */
  get ended(): boolean {
    return this.#ended;
  }

  join(member: Member): void {
    this.#members.add(member);
    for (const state of this.#states.values()) member.deliver(state);
    const { welcome } = this.#options;
    if (welcome && this.#last) this.#receive(member, welcome(this.#last.event));
  }

  #receive(member: Member, event: unknown): void {
    const rendered = this.#options.render(event);
    if (!(rendered instanceof Promise)) {
      member.deliver(rendered);
      return;
    }
    const since: Payload[] = [];
    const done = rendered.then((payload) => {
      this.#arriving.delete(member);
      member.deliver(payload);
      for (const each of since) member.deliver(each);
    });
    this.#arriving.set(member, { since, done });
  }

  leave(member: Member): void {
    if (!this.#members.delete(member) || this.#members.size > 0) return;
    this.#end();
    void Promise.resolve(this.#options.source.return?.()).catch(() => undefined);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.onEmpty(this);
  }

  /** Runs until the source ends or nobody is left. Never rejects. */
  async run(): Promise<void> {
    let failure: Error | null = null;
    try {
      await this.#deliverAll();
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
    this.#end();
    await Promise.all([...this.#arriving.values()].map(({ done }) => done));
    for (const member of [...this.#members]) member.end(failure);
  }

  async #deliverAll(): Promise<void> {
    const { source, render, stateOf, welcome = null, paced = false } = this.#options;
    for (;;) {
      const event = await source.next();
      if (this.#ended) return;
      if (event.done) return;
      const rendered = render(event.value);
      const payload = rendered instanceof Promise ? await rendered : rendered;
      if (this.#ended) return;
      if (stateOf !== null) this.#states.set(stateOf(event.value), payload);
      if (welcome !== null) this.#last = { event: event.value };
      this.#deliver(payload);
      if (paced) for (const member of this.#members) await member.room();
    }
  }

  #deliver(payload: Payload): void {
    for (const member of this.#members) {
      const arrival = this.#arriving.size > 0 ? this.#arriving.get(member) : undefined;
      if (arrival) arrival.since.push(payload);
      else member.deliver(payload);
    }
  }
}
