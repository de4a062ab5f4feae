import { Connection, type ConnectionOptions } from '../client/connection.js';

/**
 * Has `use` work with one connection, which is closed when it has settled, or at the signal: operations on it end then.
 * @throws ConnectionLostError where the server cannot be reached, and what `use` throws
 */
export async function whileConnected<T>(options: ConnectionOptions, signal: AbortSignal, use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await Connection.open(options);
  const hangUp = (): void => connection.close();
  signal.addEventListener('abort', hangUp);
  try {
    if (signal.aborted) hangUp();
    await connection.ready;
    return await use(connection);
  } finally {
    signal.removeEventListener('abort', hangUp);
    connection.close();
  }
}
