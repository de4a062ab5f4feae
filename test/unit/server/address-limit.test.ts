import { describe, expect, test } from 'vitest';

import { AddressLimit, clientOf } from '../../../src/server/address-limit.js';

describe('who counts as one client', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::203.0.113.7', '64:ff9b:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['', ''],
  ])('%s is %s', (address, client) => {
    expect(clientOf(address)).toBe(client);
  });
});

describe('the limit of connections', () => {
  test('holds for each client by itself, and for all addresses of one network together', () => {
    const limit = new AddressLimit(2);
    expect([limit.take('2001:db8::1'), limit.take('2001:db8::2')]).not.toContain(null);
    expect(limit.take('2001:db8::3')).toBeNull();
    expect(limit.take('203.0.113.7')).not.toBeNull();
  });

  test('has a place again when one was given back, and only one however often that was said', () => {
    const limit = new AddressLimit(2);
    const [giveBack] = [limit.take('a'), limit.take('a')];
    giveBack?.();
    giveBack?.();
    expect(limit.take('a')).not.toBeNull();
    expect(limit.take('a')).toBeNull();
  });

  test('is none when it is 0', () => {
    const limit = new AddressLimit(0);
    for (let n = 0; n < 5_000; n += 1) expect(limit.take('a')).not.toBeNull();
  });
});
