/**
 * Bare `ws` that knows of the graphql-ws protocol what a subscriber must hear. Everybody is sent one and the same buffer,
 * whose id is as long as a client's own.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

import { WebSocketServer } from 'ws';

export function broadcaster() {
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
  return {
    /** Resolves with the port. */
    listen: () => new Promise((resolve) => http.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => resolve(http.address().port))),
    broadcast(taskChanged) {
      const bytes = Buffer.from(JSON.stringify({ id, type: 'next', payload: { data: { taskChanged } } }));
      for (const socket of subscribed) socket.send(bytes, { binary: false });
    },
  };
}
