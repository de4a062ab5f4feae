import { randomBytes } from 'node:crypto';

import type mongoose from 'mongoose';
import { pino, type Logger } from 'pino';
import { inject } from 'vitest';

import { connectDatabase } from '../../src/database/connect.js';

export interface FreshDatabase {
  readonly connection: mongoose.Connection;
  /** Connection string with the database's own name. */
  readonly uri: string;
  readonly name: string;
  /** Drops the database and closes the connection. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A database of its own on the run's server: nothing in it, nobody else's. */
export async function freshDatabase(options: { monitorCommands?: boolean } = {}): Promise<FreshDatabase> {
  const name = `tt_${randomBytes(8).toString('hex')}`;
  const uri = uriOf(name);
  const connection = await connectDatabase(uri, { log: silentLogger(), ...options });
  const close = async () => {
    await connection.dropDatabase();
    await connection.close();
  };
  return { connection, uri, name, close, [Symbol.asyncDispose]: close };
}

/** The run's server with another database name. */
export function uriOf(name: string): string {
  return inject('mongoUri').replace(/^(mongodb(?:\+srv)?:\/\/[^/]+)\/[^?]*/, `$1/${name}`);
}

/** A logger that drops everything. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}
