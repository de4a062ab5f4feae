import net from 'node:net';

import { TaskTrackerError } from '../model/errors.js';

/** The address asked for would show the API to other machines, while nothing asks who they are. */
export class UnsafeBindError extends TaskTrackerError {
  readonly code = 'UNSAFE_BIND';
  readonly remedy = 'Set TASKTRACKER_API_KEYS_FILE or a TASKTRACKER_JWT_ setting, or HOST to 127.0.0.1, ::1 or localhost.';

  constructor(host: string) {
    super(`Refusing to listen on ${host}: it is reachable from other machines, and no authentication is configured.`);
  }
}

/** Another program listens on the port asked for. */
export class PortTakenError extends TaskTrackerError {
  readonly code = 'PORT_TAKEN';
  readonly remedy = 'Stop the other program, or set PORT to another port (0 takes any free one).';

  constructor(host: string, port: number, options?: ErrorOptions) {
    super(`Port ${port} on ${host} is in use by another program.`, options);
  }
}

/** Whether only programs on this machine can reach the address. A name counts only if it is `localhost`. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true;
  if (net.isIPv4(host)) return host.startsWith('127.');
  if (!net.isIPv6(host)) return false;
  const loopback = new net.BlockList();
  loopback.addAddress('::1', 'ipv6');
  loopback.addSubnet('127.0.0.0', 8, 'ipv4');
  return loopback.check(host, 'ipv6');
}

/** @throws UnsafeBindError for an address beyond loopback while nobody is authenticated. */
export function assertSafeBind(host: string, authenticated: boolean): void {
  if (!authenticated && !isLoopback(host)) throw new UnsafeBindError(host);
}

/** An address as it stands in a URL: IPv6 in brackets. */
export function hostInUrl(host: string): string {
  return net.isIPv6(host) ? `[${host}]` : host;
}
