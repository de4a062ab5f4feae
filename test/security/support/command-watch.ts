import mongoose from 'mongoose';

import { relay } from '../../support/relay.js';

const { deserialize } = mongoose.mongo.BSON;

/** The wire protocol's header: length, request id, response to, opcode; 4 bytes each. */
const HEADER = 16;
const OP_MSG = 2013;

export type Command = Readonly<Record<string, unknown>>;

export interface CommandWatch extends AsyncDisposable {
  /** Where an application connects instead of the database's own port. */
  readonly port: number;
}

/** The body of an OP_MSG as one document: a sequence of documents is a list under its name. */
function readMessage(message: Buffer): Command {
  let command: Record<string, unknown> = {};
  let at = HEADER + 4;
  while (at < message.length) {
    const kind = message[at];
    at += 1;
    const size = message.readInt32LE(at);
    if (kind === 0) {
      command = { ...command, ...deserialize(message.subarray(at, at + size), { promoteBuffers: true }) };
    } else {
      const nameEnd = message.indexOf(0, at + 4);
      const list: unknown[] = [];
      for (let next = nameEnd + 1; next < at + size; next += message.readInt32LE(next)) {
        list.push(deserialize(message.subarray(next, next + message.readInt32LE(next)), { promoteBuffers: true }));
      }
      command[message.toString('utf8', at + 4, nameEnd)] = list;
    }
    at += size;
  }
  return command;
}

/** Stands between an application and its database, and tells of each command as it is on the wire. */
export function watchCommands(database: number, onCommand: (command: Command) => void): Promise<CommandWatch> {
  return relay(database, '127.0.0.1', (client) => {
    let pending = Buffer.alloc(0);
    client.on('data', (piece: Buffer) => {
      pending = Buffer.concat([pending, piece]);
      while (pending.length >= HEADER && pending.length >= pending.readInt32LE(0)) {
        const message = pending.subarray(0, pending.readInt32LE(0));
        pending = pending.subarray(message.length);
        if (message.readInt32LE(12) === OP_MSG) onCommand(readMessage(message));
      }
    });
  });
}
