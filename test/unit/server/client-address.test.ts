import type { IncomingMessage } from 'node:http';

import { describe, expect, test } from 'vitest';

import { ClientAddresses } from '../../../src/server/client-address.js';

function request(remoteAddress: string | undefined, forwarded?: string | string[]): IncomingMessage {
  return { socket: { remoteAddress }, headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } } as unknown as IncomingMessage;
}

const PROXIES = ['10.0.0.0/8', '192.0.2.7', 'fd00::/8'];

describe("a client's address", () => {
  test.each([
    ['of a connection that is nobody else’s', '198.51.100.9', undefined, '198.51.100.9'],
    ['of a stranger who claims another', '198.51.100.9', '203.0.113.1', '198.51.100.9'],
    ['behind a proxy', '10.1.2.3', '203.0.113.1', '203.0.113.1'],
    ['behind a proxy that is known by its address', '192.0.2.7', '203.0.113.1', '203.0.113.1'],
    ['behind a proxy, seen as IPv4 in IPv6', '::ffff:10.1.2.3', '203.0.113.1', '203.0.113.1'],
    ['behind two proxies', '10.1.2.3', '203.0.113.1, 10.9.9.9', '203.0.113.1'],
    ['behind a proxy, where the client wrote more before it', '10.1.2.3', '127.0.0.1, 1.1.1.1,203.0.113.1', '203.0.113.1'],
    ['behind proxies, in several headers', '10.1.2.3', ['203.0.113.1', 'fd00::1'], '203.0.113.1'],
    ['of IPv6', '10.1.2.3', '2001:db8::1', '2001:db8::1'],
    ['with a port', '10.1.2.3', '203.0.113.1:4711', '203.0.113.1'],
    ['of IPv6 with a port', '10.1.2.3', '[2001:db8::1]:4711', '2001:db8::1'],
    ['behind proxies only', '10.1.2.3', '10.0.0.1, 10.0.0.2', '10.0.0.1'],
    ['that is unreadable is the one of the proxy that passed it on', '10.1.2.3', '203.0.113.1, unknown, 10.4.4.4', '10.4.4.4'],
    ['behind a proxy that says nothing', '10.1.2.3', undefined, '10.1.2.3'],
    ['behind a proxy that says an empty thing', '10.1.2.3', '', '10.1.2.3'],
    ['that is not known any more', undefined, '203.0.113.1', ''],
  ])('%s', (_what, remote, forwarded, address) => {
    expect(new ClientAddresses(PROXIES).of(request(remote, forwarded))).toBe(address);
  });

  test('is that of the connection, whatever a header says, where no proxy is trusted', () => {
    expect(new ClientAddresses([]).of(request('10.1.2.3', '203.0.113.1'))).toBe('10.1.2.3');
  });
});
