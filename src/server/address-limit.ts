import net from 'node:net';

/** How many of the eight groups of an IPv6 address name the client's network: it chooses the rest as it likes. */
const NETWORK_GROUPS = 4;

/** The groups of one half of an IPv6 address; an IPv4 address at its end stands for two. */
function groupsOf(half: string): string[] {
  return half === '' ? [] : half.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]));
}

/**
 * Who counts as one client: an IPv4 address, also where it comes as `::ffff:1.2.3.4`; of an IPv6 address the /64, since a
 * client that has one address of it has all of them.
 */
export function clientOf(address: string): string {
  const [plain = ''] = address.split('%', 1);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  if (!net.isIPv6(plain)) return plain;
  const [front = '', back = ''] = plain.split('::', 2);
  const [before, after] = [groupsOf(front), groupsOf(back)];
  const zeros = plain.includes('::') ? new Array<string>(8 - before.length - after.length).fill('0') : [];
  const network = [...before, ...zeros, ...after].slice(0, NETWORK_GROUPS);
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

/** How many connections each client has, and whether it may have one more. */
export class AddressLimit {
  readonly #limit: number;
  readonly #taken = new Map<string, number>();

  /** @param limit connections of one client; 0: any number */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @returns how to give the place back (once); null where the client has as many as it may */
  take(address: string): (() => void) | null {
    const client = clientOf(address);
    const taken = this.#taken.get(client) ?? 0;
    if (this.#limit > 0 && taken >= this.#limit) return null;
    this.#taken.set(client, taken + 1);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      const left = (this.#taken.get(client) ?? 1) - 1;
      if (left === 0) this.#taken.delete(client);
      else this.#taken.set(client, left);
    };
  }
}
