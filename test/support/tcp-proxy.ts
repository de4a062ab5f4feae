import type { Socket } from 'node:net';

import { relay } from './relay.js';

export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Cuts every connection, and each new one as soon as it comes, until `restore`. */
  cut(): void;
  restore(): void;
  /** Passes no answer on from now on, until `resume`: as a database that takes its time. */
  stall(): void;
  resume(): void;
  /** Resolves when a client sends this text, with what resolves when that client closes its connection. */
  received(text: string): Promise<{ readonly closed: Promise<void> }>;
  /** How many pieces of what clients have sent since the last `forget` hold this text. */
  sent(text: string): number;
  forget(): void;
}

/** Stands between a client and a server, and can be the network that fails. */
export async function tcpProxy(target: number, host = '127.0.0.1'): Promise<TcpProxy> {
  let pieces: string[] = [];
  let isCut = false;
  let isStalled = false;
  const upstreams = new Set<Socket>();
  const awaited = new Set<(piece: string, client: Socket) => void>();
  const passing = await relay(target, host, (client, upstream) => {
    if (isCut) {
      client.destroy();
      return;
    }
    upstreams.add(upstream);
    upstream.on('close', () => upstreams.delete(upstream));
    if (isStalled) upstream.pause();
    client.on('data', (data: Buffer) => {
      const piece = data.toString('latin1');
      pieces.push(piece);
      for (const tell of awaited) tell(piece, client);
    });
  });
  return {
    port: passing.port,
    cut() {
      isCut = true;
      passing.cut();
    },
    restore() {
      isCut = false;
    },
    stall() {
      isStalled = true;
      for (const upstream of upstreams) upstream.pause();
    },
    resume() {
      isStalled = false;
      for (const upstream of upstreams) upstream.resume();
    },
    received: (text) =>
      new Promise((resolve) => {
        const tell = (piece: string, client: Socket): void => {
          if (!piece.includes(text)) return;
          awaited.delete(tell);
          resolve({ closed: new Promise((closed) => client.once('close', () => closed())) });
        };
        awaited.add(tell);
      }),
    sent: (text) => pieces.filter((piece) => piece.includes(text)).length,
    forget() {
      pieces = [];
    },
    [Symbol.asyncDispose]: () => passing[Symbol.asyncDispose](),
  };
}
