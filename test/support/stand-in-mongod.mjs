/**
 * Stands in for mongod on machines that have none: takes the flags we pass, holds a lock on its folder, keeps its replica
 * set configuration there, and speaks as much of the wire protocol as forming a replica set needs. It stores no data.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';

import mongoose from 'mongoose';

const { deserialize, serialize } = mongoose.mongo.BSON;
const args = process.argv.slice(2);
if (args.includes('--version')) {
  console.log('db version v8.0.0-stand-in');
  process.exit(0);
}
const flag = (name) => args[args.indexOf(name) + 1];
const [folder, port, set] = [flag('--dbpath'), Number(flag('--port')), flag('--replSet')];
const host = `127.0.0.1:${port}`;
const lock = path.join(folder, 'mongod.lock');
const configFile = path.join(folder, 'config.json');

const alive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
if (existsSync(lock) && alive(Number(readFileSync(lock, 'utf8')))) {
  console.log('{"s":"E","msg":"DBException in initAndListen, terminating","attr":{"error":"DBPathInUse: Unable to lock the lock file"}}');
  process.exit(100);
}
writeFileSync(lock, String(process.pid));
const stop = () => {
  rmSync(lock, { force: true });
  process.exit(0);
};
process.on('SIGTERM', stop).on('SIGINT', stop);

const readConfig = () => (existsSync(configFile) ? JSON.parse(readFileSync(configFile, 'utf8')) : undefined);
const writeConfig = (config) => writeFileSync(configFile, JSON.stringify(config));

function answer(command) {
  const config = readConfig();
  const primary = config?.members[0].host === host;
  if (command.hello || command.isMaster || command.ismaster) {
    return {
      ...(primary ? { setName: set, setVersion: config.version, hosts: [host], me: host, primary: host } : { isreplicaset: true }),
      ...{ isWritablePrimary: primary, ismaster: primary, secondary: false, helloOk: true },
      ...{ minWireVersion: 0, maxWireVersion: 25, maxBsonObjectSize: 16777216, maxMessageSizeBytes: 48000000, maxWriteBatchSize: 100000 },
      ...{ localTime: new Date(), logicalSessionTimeoutMinutes: 30, readOnly: false, ok: 1 },
    };
  }
  if (command.replSetGetConfig) {
    return config ? { config, ok: 1 } : { ok: 0, code: 94, codeName: 'NotYetInitialized', errmsg: 'no replset config has been received' };
  }
  if (command.replSetInitiate) {
    writeConfig({ version: 1, ...command.replSetInitiate });
    return { ok: 1 };
  }
  if (command.replSetReconfig) {
    writeConfig(command.replSetReconfig);
    return { ok: 1 };
  }
  if (command.endSessions || command.ping) return { ok: 1 };
  return { ok: 0, code: 59, codeName: 'CommandNotFound', errmsg: `no such command: ${Object.keys(command)[0]}` };
}

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;

function respond(socket, message) {
  const requestId = message.readInt32LE(4);
  const legacy = message.readInt32LE(12) === OP_QUERY;
  const start = legacy ? message.indexOf(0, 20) + 9 : 21;
  const body = serialize(answer(deserialize(message.subarray(start, start + message.readInt32LE(start)))));
  const prefix = Buffer.alloc(legacy ? 20 : 5);
  if (legacy) prefix.writeInt32LE(1, 16);
  const header = Buffer.alloc(16);
  header.writeInt32LE(16 + prefix.length + body.length, 0);
  header.writeInt32LE(requestId, 8);
  header.writeInt32LE(legacy ? OP_REPLY : OP_MSG, 12);
  socket.write(Buffer.concat([header, prefix, body]));
}

net
  .createServer((socket) => {
    let buffered = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      buffered = Buffer.concat([buffered, chunk]);
      while (buffered.length >= 16 && buffered.length >= buffered.readInt32LE(0)) {
        const length = buffered.readInt32LE(0);
        respond(socket, buffered.subarray(0, length));
        buffered = buffered.subarray(length);
      }
    });
  })
  .on('error', (error) => {
    console.log(`{"s":"E","msg":"Failed to set up listener","attr":{"error":"SocketException: Address already in use: ${error.message}"}}`);
    process.exit(48);
  })
  .listen(port, '127.0.0.1', () => console.log(`{"s":"I","c":"NETWORK","msg":"Waiting for connections","attr":{"port":${port},"ssl":"off"}}`));
