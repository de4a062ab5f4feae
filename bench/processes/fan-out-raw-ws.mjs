/**
 * The limit: `ws` broadcasting finished bytes. Everybody is sent one and the same buffer, whose id is as long as a client's own.
 * Of the protocol it knows what a subscriber must hear.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

import { WebSocketServer } from 'ws';

import { nextMove, shownMove } from '../lib/fan-out.mjs';
import { serveHarness } from '../lib/publisher.mjs';

const subscribed = new Set();
const id = randomUUID();
const http = createServer();
const sockets = new WebSocketServer({ server: http, path: '/graphql', handleProtocols: () => 'graphql-transport-ws' });
sockets.on('connection', (socket) => {
  socket.on('message', (data) => {
    const { type } = JSON.parse(data);
    if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
    if (type === 'subscribe') subscribed.add(socket);
  });
  socket.on('close', () => subscribed.delete(socket));
});

function publish() {
  const bytes = Buffer.from(JSON.stringify({ id, type: 'next', payload: { data: { taskChanged: shownMove(nextMove()) } } }));
  for (const socket of subscribed) socket.send(bytes, { binary: false });
}

http.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => serveHarness(http.address().port, publish));
