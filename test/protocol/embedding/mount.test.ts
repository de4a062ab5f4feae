import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { WebSocketServer } from 'ws';

import { createTaskTracker, type TaskTrackerApp, type TaskTrackerOptions } from '../../../src/app.js';
import { dataOf, RawSocket } from '../../support/clients.js';
import { commandLine } from '../../support/command-line.js';
import { stored } from '../../support/feed.js';

const COUNT = '{ tasks { totalCount } }';

const commands = commandLine();

let server: Server;
let host: string;
let applications: TaskTrackerApp[];

beforeEach(async () => {
  applications = [];
  server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await Promise.all(applications.map((each) => each.close()));
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
});

async function application(options: TaskTrackerOptions = {}): Promise<TaskTrackerApp> {
  const app = await createTaskTracker({ mongodbUri: commands.ownDatabase(), cacheDir: inject('cacheDir'), ...options });
  applications.push(app);
  return app;
}

describe('an application in a server of somebody else', () => {
  it('stands beside another one, each under its path and with its own tasks', async () => {
    const [one, two] = [await application(), await application()];
    await one.model.collection.insertMany([stored('a'), stored('b')] as never[]);
    await two.model.collection.insertOne(stored('c') as never);
    const handleTwo = two.handler({ path: '/ops/two/' });
    const handleOne = one.handler({ path: 'ops/one' });
    server.on('request', (request, response) => handleOne(request, response, () => handleTwo(request, response)));
    one.attachWebSockets(server, { path: '/ops/one' });
    two.attachWebSockets(server, { path: '/ops/two' });

    expect(await dataOf(`${host}/ops/one/graphql`, COUNT)).toEqual({ tasks: { totalCount: 2 } });
    expect(await dataOf(`${host}/ops/two/graphql`, COUNT)).toEqual({ tasks: { totalCount: 1 } });
    expect((await fetch(`${host}/ops/one/export?format=ndjson`)).status).toBe(200);
    for (const path of ['/ops', '/ops/three', '/ops/twofold']) expect((await fetch(host + path)).status, path).toBe(404);
    for (const path of ['/ops/one', '/ops/two']) {
      const socket = await RawSocket.acknowledged(`${host}${path}/graphql`);
      socket.send({ id: '1', type: 'subscribe', payload: { query: COUNT } });
      const { payload } = (await socket.until(({ type }) => type === 'next')) as unknown as { payload: { data: unknown } };
      expect(payload.data).toEqual({ tasks: { totalCount: path === '/ops/one' ? 2 : 1 } });
      socket.socket.close();
      await socket.closed;
    }
    await expect(RawSocket.open(`${host}/ops/three/graphql`)).rejects.toThrow('404');
  });

  it('leads to what it has where it has no dashboard, below its path', async () => {
    const app = await application({ dashboard: false });
    server.on('request', app.handler({ path: '/ops' }));
    const page = await fetch(`${host}/ops?why=not?`, { headers: { accept: 'text/html' } });
    expect(page.url).toBe(`${host}/ops/graphiql`);
    expect(page.status).toBe(200);
    const { graphql } = (await (await fetch(`${host}/ops/`)).json()) as { graphql: string };
    expect(await dataOf(new URL(graphql, `${host}/ops/`).href, COUNT)).toEqual({ tasks: { totalCount: 0 } });
    expect((await fetch(`${host}/ops?a=b?c`, { redirect: 'manual' })).headers.get('location')).toBe('./ops/?a=b?c');
  });

  it("leaves the host's own WebSockets alone, and answers those that are nobody's", async () => {
    const app = await application();
    const detach = app.attachWebSockets(server, { path: '/tasktracker' });
    await expect(RawSocket.open(`${host}/elsewhere`)).rejects.toThrow('404');
    await expect(RawSocket.open(`${host}/tasktracker/elsewhere`)).rejects.toThrow('404');
    await expect(RawSocket.open(`${host}/tasktracker/graphql`, { origin: 'http://elsewhere.example' })).rejects.toThrow('403');

    const own = new WebSocketServer({ noServer: true });
    server.on('upgrade', (request: IncomingMessage, socket, head) => {
      if (request.url === '/own') own.handleUpgrade(request, socket, head, (client) => client.send('"hello"'));
    });
    const socket = await RawSocket.open(`${host}/own`, { protocol: [] });
    await expect.poll(() => socket.messages).toEqual(['hello']);
    socket.socket.close();
    await socket.closed;

    const subscriber = await RawSocket.acknowledged(`${host}/tasktracker/graphql`);
    detach();
    subscriber.send({ type: 'ping' });
    await subscriber.until(({ type }) => type === 'pong');
    subscriber.socket.close();
    await subscriber.closed;
  });

  it('goes without the server: its WebSockets are closed with 1001, requests get 503, and the host goes on', async () => {
    const app = await application();
    const handle = app.handler({ path: '/tasktracker' });
    server.on('request', (request, response) => handle(request, response, () => response.end('host')));
    app.attachWebSockets(server, { path: '/tasktracker' });
    const socket = await RawSocket.acknowledged(`${host}/tasktracker/graphql`);
    await app.close();
    expect((await socket.closed).code).toBe(1001);
    const refused = await fetch(`${host}/tasktracker/graphql?query={__typename}`);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE' } }] });
    expect(await (await fetch(host)).text()).toBe('host');
    expect(server.listenerCount('upgrade')).toBe(0);
  });

  it('answers what is in flight before it goes', async () => {
    const app = await application();
    server.on('request', app.handler());
    await app.model.collection.insertOne(stored('a') as never);
    const asked = dataOf(`${host}/graphql`, COUNT);
    await once(server, 'request');
    await app.close();
    expect(await asked).toEqual({ tasks: { totalCount: 1 } });
  });
});
