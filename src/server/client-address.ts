import type { IncomingMessage } from 'node:http';
import net from 'node:net';

/** An IPv4 address that comes as `::ffff:1.2.3.4` as it is, and an IPv6 address without its zone. */
function plain(address: string): string {
  if (!address.includes(':')) return address;
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/%.*$/s, '');
}

/** One entry of X-Forwarded-For: some proxies write the port behind it. null where it is no address. */
function addressIn(entry: string): string | null {
  const text = entry.trim();
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text;
  const address = plain(bare);
  return net.isIP(address) === 0 ? null : address;
}

/** Who is at the other end of a connection, also where trusted proxies stand between. */
export class ClientAddresses {
  readonly #trusted = new net.BlockList();
  readonly #trustsAny: boolean;

  /** @param proxies addresses and subnets (`10.0.0.0/8`) of proxies whose X-Forwarded-For is believed */
  constructor(proxies: readonly string[]) {
    this.#trustsAny = proxies.length > 0;
    for (const each of proxies) {
      const [address = '', prefix] = each.split('/', 2);
      const family = net.isIPv6(address) ? 'ipv6' : 'ipv4';
      if (prefix === undefined) this.#trusted.addAddress(address, family);
      else this.#trusted.addSubnet(address, Number(prefix), family);
    }
  }

  /**
   * The address of the connection; where that is a trusted proxy's, the last one of X-Forwarded-For that is not. What
   * stands before it was written by whoever is there, and is not believed. Of what cannot be read, the proxy that passed it on.
   */
  of(request: IncomingMessage): string {
    let address = plain(request.socket.remoteAddress ?? '');
    if (!this.#trustsAny || !this.#trusts(address)) return address;
    const header = request.headers['x-forwarded-for'];
    const entries = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',');
    for (const entry of entries.reverse()) {
      const next = addressIn(entry);
      if (next === null) break;
      address = next;
      if (!this.#trusts(address)) break;
    }
    return address;
  }

  #trusts(address: string): boolean {
    return address !== '' && this.#trusted.check(address, net.isIPv6(address) ? 'ipv6' : 'ipv4');
  }
}
