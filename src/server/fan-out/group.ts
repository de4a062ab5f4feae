import type { Member, Payload } from './member.js';

export interface GroupOptions {
  /** The events of the subscription, owned by the group from here on. */
  readonly source: AsyncIterator<unknown>;
  /** The result of one event as it is sent. */
  readonly render: (event: unknown) => Promise<Payload> | Payload;
  /** Whether a member that joins late is sent the last event at once: the present state, for events that are states. */
  readonly replayLast: boolean;
  readonly onEmpty: (group: Group) => void;
}

/** Subscriptions that ask for the same and may see the same: one source, one execution an event, one payload. */
export class Group {
  readonly #options: GroupOptions;
  readonly #members = new Set<Member>();
  #last: Payload | null = null;
  #ended = false;

  constructor(options: GroupOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#members.size;
  }

  join(member: Member): void {
    this.#members.add(member);
    if (this.#options.replayLast && this.#last !== null) member.deliver(this.#last);
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

  /** Runs until the source ends or nobody is left. Never rejects: `render` turns what fails into a result. */
  async run(): Promise<void> {
    const { source, render, replayLast } = this.#options;
    for (;;) {
      const event = await source.next();
      if (this.#ended) return;
      if (event.done) break;
      const rendered = render(event.value);
      const payload = rendered instanceof Promise ? await rendered : rendered;
      if (this.#ended) return;
      if (replayLast) this.#last = payload;
      for (const member of this.#members) member.deliver(payload);
    }
    this.#end();
    for (const member of [...this.#members]) member.end(null);
  }
}
