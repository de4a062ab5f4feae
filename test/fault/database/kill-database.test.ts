import type { Connection } from 'mongoose';
import { describe, expect, inject, it } from 'vitest';

import { connectDatabase } from '../../../src/database/connect.js';
import { TRANSACTION } from '../../../src/lifecycle/transaction.js';
import { silentLogger } from '../../support/database.js';
import { isAlive, openSecantus, temporaryFolder, until } from '../../support/embedded.js';

const log = silentLogger();
const WRITERS = 8;
const ROUNDS = 3;

interface Written {
  w: number;
  n: number;
}

/** Ways of writing it so that it is there once it is acknowledged. */
const WAYS: Record<string, (connection: Connection, written: Written) => Promise<unknown>> = {
  'a write': (connection, written) => connection.collection<Written>('written').insertOne({ ...written }),
  'a transaction': (connection, written) =>
    connection.transaction(async (session) => {
      await connection.collection<Written>('written').insertOne({ ...written }, { session: session as never });
      await connection.collection<Written>('beside').insertOne({ ...written }, { session: session as never });
    }, TRANSACTION),
};

describe.skipIf(!inject('embedded'))('an embedded database that is killed (-9)', { timeout: 90_000 }, () => {
  it.each(Object.keys(WAYS))('is started again at the same address, and has what it acknowledged: %s', async (way) => {
    const write = WAYS[way] as (typeof WAYS)[string];
    await using data = await temporaryFolder();
    const database = await openSecantus({ dataDir: data.folder });
    const connection = await connectDatabase(database.uri, { log });
    try {
      const collection = connection.collection<Written>('written');
      await collection.createIndex({ w: 1, n: 1 }, { unique: true });
      await connection.createCollection('beside');
      const acknowledged: string[] = [];
      let writing = true;
      const writer = async (w: number) => {
        for (let n = 0; writing; n++) {
          try {
            await write(connection, { w, n });
            acknowledged.push(`${w}:${n}`);
          } catch {
            // Not acknowledged: it may be there or not.
          }
        }
      };
      const writers = Array.from({ length: WRITERS }, (_, w) => writer(w));
      for (let round = 1; round <= ROUNDS; round++) {
        const before = acknowledged.length;
        await until('writes are acknowledged', () => acknowledged.length > before + 100);
        const killed = database.pid ?? 0;
        process.kill(killed, 'SIGKILL');
        await until('another process serves', () => database.pid !== undefined && database.pid !== killed);
        const mark = acknowledged.length;
        await until('writes go on', () => acknowledged.length > mark + 20, 30_000);
      }
      writing = false;
      await Promise.all(writers);
      const found = new Set((await collection.find().toArray()).map(({ w, n }) => `${w}:${n}`));
      expect(acknowledged.filter((key) => !found.has(key))).toEqual([]);
      expect(acknowledged.length).toBeGreaterThan(200);
      // What the index says and what the documents say is the same after the log was replayed.
      const [one] = acknowledged.slice(-1);
      const [w, n] = (one ?? '').split(':').map(Number);
      expect(await collection.countDocuments({ w: w ?? -1, n: n ?? -1 })).toBe(1);
    } finally {
      await connection.close();
      await database.close();
    }
  });

  it('is not started again once it was closed', async () => {
    const database = await openSecantus();
    const killed = database.pid ?? 0;
    process.kill(killed, 'SIGKILL');
    await database.close();
    expect(database.pid).toBeUndefined();
    expect(isAlive(killed)).toBe(false);
  });
});
