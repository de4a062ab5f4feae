import type { WebSocket } from 'ws';

/**
 * Pings at intervals; cuts the connection of a client that did not answer the last one. A client that does not read
 * never sees a ping, so it is cut too: after two intervals at most. Returns how to stop.
 */
export function keepAlive(socket: WebSocket, everyMs: number): () => void {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  const timer = setInterval(() => {
    if (!answered) {
      socket.terminate();
      return;
    }
    answered = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
