import mongoose from 'mongoose';
import type { Logger } from 'pino';

import { ChangeStreamsUnavailableError, DatabaseError, DatabaseUnreachableError } from './errors.js';
import { redactUri } from './uri.js';

/** With the second look after a failure (1.5 s) this keeps every answer within 10 s. */
const SELECTION_TIMEOUT_MS = 7_000;
const SECOND_LOOK_MS = 1_500;

export interface ConnectOptions {
  log: Logger;
  /** How the connection is named in the server's logs. */
  appName?: string | undefined;
  /** How long an operation waits for a usable server, in ms; also the limit of the first contact. Default 7000. */
  serverSelectionTimeoutMs?: number | undefined;
  /** Command monitoring, for tests that count what is sent. */
  monitorCommands?: boolean | undefined;
  /** Given the driver's client before it connects, to listen to what it tells. */
  onClient?: ((client: mongoose.mongo.MongoClient) => void) | undefined;
}

/** What a server says of itself, as far as it matters here. */
export interface Hello {
  readonly topology: 'replica set' | 'sharded cluster' | 'standalone';
  readonly setName: string | undefined;
  readonly maxWireVersion: number;
}

/**
 * A connection of its own (never mongoose's global one) to a database that answered and has change streams.
 * Models on it build neither collections nor indexes by themselves: ensureIndexes does, and reports.
 * Whoever opened it closes it.
 *
 * @throws DatabaseUnreachableError when nothing usable answers; ChangeStreamsUnavailableError for a standalone server.
 * Neither message holds a user, a password or a secret option of the URI.
 */
export async function connectDatabase(uri: string, options: ConnectOptions): Promise<mongoose.Connection> {
  const timeout = options.serverSelectionTimeoutMs ?? SELECTION_TIMEOUT_MS;
  let connection: mongoose.Connection | undefined;
  try {
    connection = mongoose.createConnection(uri, {
      appName: options.appName ?? 'tasktracker',
      serverSelectionTimeoutMS: timeout,
      connectTimeoutMS: timeout,
      autoIndex: false,
      autoCreate: false,
      monitorCommands: options.monitorCommands ?? false,
    });
    // Errors after the first contact are the driver's to retry; without a listener mongoose would throw them.
    connection.on('error', (error: Error) => options.log.warn({ err: error }, 'database connection error'));
    // Absent where the URI is not valid, which the next line says.
    const client = connection.getClient() as mongoose.mongo.MongoClient | undefined;
    if (client !== undefined) options.onClient?.(client);
    await connection.asPromise();
    const hello = await helloOf(connection);
    if (hello.topology === 'standalone') throw standalone(uri);
    options.log.debug({ database: redactUri(uri), ...hello }, 'connected to the database');
    return connection;
  } catch (error) {
    await connection?.close(true).catch(() => undefined);
    if (error instanceof DatabaseError) throw error;
    throw await explained(uri, error as Error);
  }
}

/** Asks the server what it is. */
export async function helloOf(connection: mongoose.Connection): Promise<Hello> {
  const reply = await connection.getClient().db('admin').command({ hello: 1 });
  const setName: unknown = reply['setName'];
  const sharded = reply['msg'] === 'isdbgrid';
  return {
    topology: sharded ? 'sharded cluster' : typeof setName === 'string' ? 'replica set' : 'standalone',
    setName: typeof setName === 'string' ? setName : undefined,
    maxWireVersion: Number(reply['maxWireVersion'] ?? 0),
  };
}

function standalone(uri: string): ChangeStreamsUnavailableError {
  return new ChangeStreamsUnavailableError(
    `The MongoDB at ${redactUri(uri)} is a standalone server: it has no change streams and no transactions.`,
    'Make it a replica set of one: start mongod with --replSet rs0 and run rs.initiate() once in mongosh. ' +
      'Or leave MONGODB_URI unset, and an embedded database is used.',
  );
}

async function explained(uri: string, error: Error): Promise<DatabaseError> {
  const where = redactUri(uri);
  const options = { cause: error };
  if (error.name === 'MongoParseError' || error.name === 'MongoAPIError' || error.name === 'MongoInvalidArgumentError') {
    return new DatabaseUnreachableError(`The database URI ${where} is not valid: ${withoutSecrets(error.message, uri)}`, 'Correct MONGODB_URI.', options);
  }
  const code = (error as { code?: unknown }).code;
  if (code === 18 || code === 8000 || /authentication failed/i.test(error.message)) {
    return new DatabaseUnreachableError(
      `The MongoDB at ${where} refused the user or password.`,
      'Check the user, the password (percent-encoded) and authSource in MONGODB_URI.',
      options,
    );
  }
  const seen = await secondLook(uri);
  if (seen?.topology === 'standalone') return standalone(uri);
  if (seen?.setName !== undefined) {
    return new DatabaseUnreachableError(
      `The MongoDB at ${where} answers as a member of the replica set "${seen.setName}", but no primary of the set asked for was found.`,
      `Check replicaSet= in MONGODB_URI (the server says "${seen.setName}"), that the set has a primary, and that its members' host names resolve here.`,
      options,
    );
  }
  return new DatabaseUnreachableError(
    `No MongoDB answers at ${where}: ${withoutSecrets(error.message, uri)}`,
    'Check that it runs and that host and port in MONGODB_URI are right, or leave MONGODB_URI unset to use an embedded database.',
    options,
  );
}

/** The driver drops a server that is not of the set that was asked for without a word: ask that server directly. */
async function secondLook(uri: string): Promise<Hello | undefined> {
  if (!/[?&]replicaSet=/.test(uri) || uri.startsWith('mongodb+srv:')) return undefined;
  const direct = uri
    .replace(/([?&])replicaSet=[^&]*/, '$1directConnection=true')
    .replace(/^(mongodb:\/\/(?:[^@/]*@)?[^/?,]*),[^/?]*/, '$1');
  const connection = mongoose.createConnection(direct, {
    serverSelectionTimeoutMS: SECOND_LOOK_MS,
    connectTimeoutMS: SECOND_LOOK_MS,
    autoIndex: false,
  });
  connection.on('error', () => undefined);
  try {
    await connection.asPromise();
    return await helloOf(connection);
  } catch {
    return undefined;
  } finally {
    await connection.close(true).catch(() => undefined);
  }
}

/** A driver message with any piece of the URI's credentials taken out. */
function withoutSecrets(message: string, uri: string): string {
  const credentials = /^mongodb(?:\+srv)?:\/\/([^@/]*)@/.exec(uri)?.[1];
  const cleaned = message.replaceAll(uri, redactUri(uri));
  if (credentials === undefined) return cleaned;
  const parts = credentials.split(':').filter((part) => part !== '');
  return parts.reduce((text, part) => text.replaceAll(part, '***').replaceAll(safeDecode(part), '***'), cleaned);
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
