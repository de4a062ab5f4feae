import type { IncomingMessage } from 'node:http';
import net from 'node:net';

import { isLoopback } from './bind.js';

/** The name in a Host header, in lower case, without port, brackets and final dot; null where it is none. */
function nameIn(host: string): string | null {
  const found = /^(?:\[([\da-f:.]+)\]|([^:[\]\s/]+))(?::\d*)?$/i.exec(host);
  const name = found?.[1] ?? found?.[2];
  return name === undefined ? null : name.toLowerCase().replace(/\.$/, '');
}

/**
 * Against DNS rebinding: a page of another site can let its own name point to this machine, and is then of the same origin
 * for its browser; only the Host header tells. An address cannot be let point elsewhere, and `localhost` is not asked of
 * any name server, so these always pass, as do programs that send no Host.
 */
export class AllowedHosts {
  readonly #names = new Set<string>();
  /** Endings, with their dot. */
  readonly #endings: string[] = [];
  readonly #mounted = new WeakSet<IncomingMessage>();
  readonly #listed: boolean;
  #onLoopback = false;

  /** @param names names without ports; `*.example.org` for all below it. None: on loopback no other names pass, elsewhere any. */
  constructor(names: readonly string[]) {
    this.#listed = names.length > 0;
    for (const name of names) {
      if (name.startsWith('*.')) this.#endings.push(name.slice(1).toLowerCase());
      else this.#names.add(name.toLowerCase());
    }
  }

  /** From here on the server listens on this address. */
  listensOn(host: string): void {
    this.#onLoopback = isLoopback(host);
    if (net.isIP(host) === 0) this.#names.add(host.toLowerCase());
  }

  /** This request came by somebody else's server, whose names are its own: only a list that was given holds for it. */
  isMounted(request: IncomingMessage): void {
    this.#mounted.add(request);
  }

  allows(request: IncomingMessage): boolean {
    const { host } = request.headers;
    if (host === undefined || (!this.#listed && (!this.#onLoopback || this.#mounted.has(request)))) return true;
    const name = nameIn(host);
    if (name === null) return false;
    if (net.isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost')) return true;
    return this.#names.has(name) || this.#endings.some((ending) => name.endsWith(ending));
  }
}
