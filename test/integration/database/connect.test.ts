import net from 'node:net';

import { describe, expect, inject, it } from 'vitest';

import { connectDatabase } from '../../../src/database/connect.js';
import { ChangeStreamsUnavailableError, DatabaseUnreachableError, type DatabaseError } from '../../../src/database/errors.js';
import { freePort } from '../../../src/database/embedded/port.js';
import { secantusProgram } from '../../../src/database/embedded/secantus.js';
import { EmbeddedServer } from '../../../src/database/embedded/server.js';
import { silentLogger, uriOf } from '../../support/database.js';
import { rejection, secantusEnvironment, temporaryFolder } from '../../support/embedded.js';

const log = silentLogger();
const WITHIN_MS = 10_000;

describe('connectDatabase', () => {
  it('makes a connection of its own, not the global one', async () => {
    const { default: mongoose } = await import('mongoose');
    const connection = await connectDatabase(uriOf('tt_connect'), { log });
    try {
      expect(connection.readyState).toBe(1);
      expect(connection).not.toBe(mongoose.connection);
      expect(mongoose.connection.readyState).toBe(0);
    } finally {
      await connection.close();
    }
  });

  it.concurrent('says within 10 s that nothing listens, and never repeats the password', async () => {
    const port = await freePort();
    const { error, ms } = await rejection(connectDatabase(`mongodb://ada:hunter%402@127.0.0.1:${port}/x`, { log }));
    expect(error).toBeInstanceOf(DatabaseUnreachableError);
    expect(error.message).toContain(`127.0.0.1:${port}`);
    expect(error.message).not.toMatch(/hunter|ada/);
    expect((error as DatabaseError).remedy).toContain('MONGODB_URI');
    expect(ms).toBeLessThan(WITHIN_MS);
  });

  it.concurrent('says within 10 s that a port answers with silence', async () => {
    const silent = net.createServer();
    const port = await new Promise<number>((resolve) => {
      silent.listen(0, '127.0.0.1', () => resolve((silent.address() as net.AddressInfo).port));
    });
    const sockets = new Set<net.Socket>();
    silent.on('connection', (socket) => sockets.add(socket));
    try {
      const { error, ms } = await rejection(connectDatabase(`mongodb://127.0.0.1:${port}/x?replicaSet=rs0`, { log }));
      expect(error).toBeInstanceOf(DatabaseUnreachableError);
      expect(ms).toBeLessThan(WITHIN_MS);
    } finally {
      for (const socket of sockets) socket.destroy();
      silent.close();
    }
  });

  it('says what is wrong with a URI that is none', async () => {
    const { error } = await rejection(connectDatabase('postgres://ada:secret@127.0.0.1/x', { log }));
    expect(error).toBeInstanceOf(DatabaseUnreachableError);
    expect(error.message).not.toContain('secret');
  });

  it('names the replica set that the server really is of', async () => {
    const { searchParams } = new URL(inject('mongoUri').replace(/^mongodb:/, 'http:'));
    const own = searchParams.get('replicaSet');
    const other = uriOf('x').replace(/replicaSet=[^&]*/, 'replicaSet=another');
    const { error, ms } = await rejection(connectDatabase(other, { log, serverSelectionTimeoutMs: 1_000 }));
    expect(error).toBeInstanceOf(DatabaseUnreachableError);
    expect(error.message).toContain(`"${own}"`);
    expect(ms).toBeLessThan(WITHIN_MS);
  });
});

describe('a standalone server', () => {
  it('is refused with how to make it a replica set, whether or not the URI asks for one', async ({ skip }) => {
    if (!inject('embedded')) skip('the run has MONGODB_URI: no SecantusDB is installed that could be started standalone');
    await using data = await temporaryFolder();
    const program = secantusProgram({ environment: await secantusEnvironment(), dataDir: data.folder });
    const standalone = await EmbeddedServer.start(
      { ...program, command: (port) => ({ ...program.command(port), args: [...program.command(port).args, '--standalone'] }) },
      { log, port: 0 },
    );
    try {
      for (const query of ['', '?replicaSet=rs0']) {
        const uri = `mongodb://127.0.0.1:${standalone.port}/x${query}`;
        const { error, ms } = await rejection(connectDatabase(uri, { log, serverSelectionTimeoutMs: 2_000 }));
        expect(error).toBeInstanceOf(ChangeStreamsUnavailableError);
        expect((error as DatabaseError).remedy).toContain('rs.initiate()');
        expect(ms).toBeLessThan(WITHIN_MS);
      }
    } finally {
      await standalone.close();
    }
  });
});
