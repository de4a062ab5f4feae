import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface SilentIndex {
  /** For pip's PIP_INDEX_URL. */
  readonly url: string;
  /** Resolves when somebody asks it; `ended` when they have hung up. */
  readonly asked: Promise<{ readonly ended: Promise<unknown> }>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A package index that takes connections and never answers: pip waits for it. */
export async function silentIndex(): Promise<SilentIndex> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined).resume());
  });
  const asked = once(server, 'connection').then(([socket]) => ({ ended: once(socket as Socket, 'close') }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
