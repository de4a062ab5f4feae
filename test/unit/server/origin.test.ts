import { describe, expect, test } from 'vitest';

import { isAllowedOrigin } from '../../../src/server/origin.js';

describe('the origin of a WebSocket', () => {
  test.each([
    ['http://127.0.0.1:4000', '127.0.0.1:4000'],
    ['http://LocalHost:4000', 'localhost:4000'],
    ['https://tasks.example', 'tasks.example'],
    ['https://tasks.example', 'tasks.example:443'],
    ['http://[::1]:4000', '[::1]:4000'],
  ])('%s may connect to %s', (origin, host) => {
    expect(isAllowedOrigin(origin, host)).toBe(true);
  });

  test('a program that sends no origin is no browser, and may connect', () => {
    expect(isAllowedOrigin(undefined, '127.0.0.1:4000')).toBe(true);
  });

  test.each([
    ['http://evil.example', '127.0.0.1:4000'],
    ['http://127.0.0.1:4001', '127.0.0.1:4000'],
    ['http://127.0.0.1', '127.0.0.1:4000'],
    ['http://127.0.0.1:4000.evil.example', '127.0.0.1:4000'],
    ['http://evil.example#@127.0.0.1:4000', '127.0.0.1:4000'],
    ['null', '127.0.0.1:4000'],
    ['', '127.0.0.1:4000'],
    ['file://', ''],
    ['http://127.0.0.1:4000', undefined],
  ])('%s may not connect to %s', (origin, host) => {
    expect(isAllowedOrigin(origin, host)).toBe(false);
  });

  test('of a listed site may connect, as it stands in the list', () => {
    const others = ['https://ops.example', 'http://localhost:5173'];
    for (const origin of others) expect(isAllowedOrigin(origin, '127.0.0.1:4000', others)).toBe(true);
    for (const origin of ['http://ops.example', 'https://ops.example:444', 'https://ops.example.evil', 'https://evil.example', 'null', '*']) {
      expect(isAllowedOrigin(origin, '127.0.0.1:4000', others), origin).toBe(false);
    }
  });
});
