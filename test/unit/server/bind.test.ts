import { describe, expect, test } from 'vitest';

import { assertSafeBind, hostInUrl, isLoopback, UnsafeBindError } from '../../../src/server/bind.js';

describe('the address to listen on', () => {
  test.each(['127.0.0.1', '127.8.8.8', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', 'localhost', 'LOCALHOST'])('%s is loopback', (host) => {
    expect(isLoopback(host)).toBe(true);
    expect(() => assertSafeBind(host, false)).not.toThrow();
  });

  test.each(['0.0.0.0', '::', '192.168.1.7', '10.0.0.1', 'fe80::1', '::ffff:10.0.0.1', '127.0.0.1.evil.example', 'tasks.example', ''])(
    '%s is refused while nobody is authenticated, with the way out',
    (host) => {
      expect(isLoopback(host)).toBe(false);
      expect(() => assertSafeBind(host, false)).toThrow(UnsafeBindError);
      expect(new UnsafeBindError(host).remedy).toContain('HOST');
    },
  );

  test('with authentication any address may be listened on', () => {
    expect(() => assertSafeBind('0.0.0.0', true)).not.toThrow();
  });

  test('an IPv6 address stands in brackets in a URL', () => {
    expect(hostInUrl('::1')).toBe('[::1]');
    expect(hostInUrl('127.0.0.1')).toBe('127.0.0.1');
  });
});
