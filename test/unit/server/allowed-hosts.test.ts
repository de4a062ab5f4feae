import type { IncomingMessage } from 'node:http';

import { describe, expect, test } from 'vitest';

import { AllowedHosts } from '../../../src/server/allowed-hosts.js';

const asked = (host: string | undefined) => ({ headers: { host } }) as IncomingMessage;

function allows(host: string | undefined, { names = [], listensOn = '127.0.0.1' }: { names?: string[]; listensOn?: string } = {}): boolean {
  const hosts = new AllowedHosts(names);
  hosts.listensOn(listensOn);
  return hosts.allows(asked(host));
}

describe('the name that a server is asked by', () => {
  test.each(['127.0.0.1', '127.0.0.1:4000', '[::1]:4000', '192.168.1.20:4000', 'localhost', 'LocalHost:4000', 'localhost.', 'app.localhost:4000', undefined])(
    '%s is always good: no name server can let it point here',
    (host) => {
      expect(allows(host)).toBe(true);
      expect(allows(host, { names: ['tasks.example'] })).toBe(true);
    },
  );

  test.each(['evil.example', 'evil.example:4000', '127.0.0.1.evil.example', 'localhost.evil.example', 'notlocalhost', '', ' ', '[::1', 'a b', 'evil.example:4000:localhost', 'evil.example/localhost'])(
    '%j is refused on a loopback address',
    (host) => {
      expect(allows(host)).toBe(false);
    },
  );

  test('is any beyond loopback, where there is no list', () => {
    expect(allows('tasks.example', { listensOn: '0.0.0.0' })).toBe(true);
  });

  test('is one of the list where there is one, on whatever address; a star stands for what is below a name', () => {
    const names = ['Tasks.Example', '*.internal'];
    for (const listensOn of ['127.0.0.1', '0.0.0.0']) {
      for (const host of ['tasks.example', 'TASKS.example:8080', 'a.internal', 'a.b.internal:1']) expect(allows(host, { names, listensOn }), host).toBe(true);
      for (const host of ['other.example', 'a.tasks.example', 'internal', 'ainternal']) expect(allows(host, { names, listensOn }), host).toBe(false);
    }
  });

  test('may be the one that it was told to listen on', () => {
    expect(allows('box.lan:4000', { names: ['tasks.example'], listensOn: 'box.lan' })).toBe(true);
  });

  test('is for the host of a mount to look at, unless there is a list', () => {
    const request = asked('app.example');
    for (const [names, allowed] of [[[], true], [['tasks.example'], false], [['app.example'], true]] as const) {
      const hosts = new AllowedHosts(names);
      hosts.listensOn('127.0.0.1');
      hosts.isMounted(request);
      expect(hosts.allows(request)).toBe(allowed);
    }
  });
});
