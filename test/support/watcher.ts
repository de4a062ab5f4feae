import { RawSocket, type RawMessage } from './clients.js';

/** One change, or what ended the subscription. */
export interface Told {
  readonly kind?: string;
  readonly cursor?: string;
  readonly executionId?: string | null;
  readonly task?: { readonly status: string } | null;
  /** `extensions.code` of a last result. */
  readonly code?: string;
  readonly message?: string;
}

const CHANGES = 'subscription ($filter: TaskFilter, $after: String) { taskChanged(filter: $filter, after: $after) { kind cursor executionId task { status } } }';

function toldBy({ payload }: RawMessage): Told {
  const { data, errors } = payload as { data?: { taskChanged: Told } | null; errors?: { message: string; extensions: { code: string; cursor?: string } }[] };
  const [error] = errors ?? [];
  return error === undefined ? (data?.taskChanged ?? {}) : { ...error.extensions, message: error.message };
}

/** Subscriptions to changes and to the feed's state over one real WebSocket, that never reconnects by itself. */
export class Watcher {
  private constructor(readonly socket: RawSocket) {}

  static async open(url: string): Promise<Watcher> {
    const watcher = new Watcher(await RawSocket.acknowledged(url));
    watcher.socket.send({ id: 'feed', type: 'subscribe', payload: { query: 'subscription { feedStatus { state resyncs reason } }' } });
    await watcher.untilState('LIVE');
    return watcher;
  }

  watch(id: string, variables: { filter?: object; after?: string } = {}): void {
    this.socket.send({ id, type: 'subscribe', payload: { query: CHANGES, variables } });
  }

  /** All that a subscription was told so far, bookmarks left out. */
  told(id: string): Told[] {
    return this.#of(id).map(toldBy).filter(({ kind }) => kind !== 'BOOKMARK');
  }

  /** Every state of the feed so far, with how often it had lost its place. */
  get states(): { state: string; resyncs: number; reason: string | null }[] {
    return this.#of('feed').map(({ payload }) => (payload as { data: { feedStatus: { state: string; resyncs: number; reason: string | null } } }).data.feedStatus);
  }

  /** States one after another, as they changed. */
  get course(): string[] {
    return this.states.map(({ state }) => state).filter((state, index, all) => state !== all[index - 1]);
  }

  #of(id: string): RawMessage[] {
    return (this.socket.messages as RawMessage[]).filter((message) => message.id === id && message.type === 'next');
  }

  /** The first thing told to a subscription, of what came and what comes, that is wanted. */
  async until(id: string, wanted: (told: Told) => boolean): Promise<Told> {
    return toldBy(await this.socket.until((message) => message.id === id && message.type === 'next' && wanted(toldBy(message))));
  }

  async untilState(state: string, resyncs = 0): Promise<void> {
    await this.socket.until((message) => {
      if (message.id !== 'feed' || message.type !== 'next') return false;
      const { feedStatus } = (message.payload as { data: { feedStatus: { state: string; resyncs: number } } }).data;
      return feedStatus.state === state && feedStatus.resyncs >= resyncs;
    });
  }

  async untilCompleted(id: string): Promise<void> {
    await this.socket.until((message) => message.id === id && message.type === 'complete');
  }

  [Symbol.dispose](): void {
    this.socket.socket.terminate();
  }
}
