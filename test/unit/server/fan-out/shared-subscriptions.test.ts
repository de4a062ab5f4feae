import { Duplex } from 'node:stream';

import { buildSchema, type ExecutionResult, parse } from 'graphql';
import { describe, expect, it } from 'vitest';

import type { OperationContext } from '../../../../src/graphql/context.js';
import { CHANGES, type Sharing } from '../../../../src/graphql/subscriptions/sharing.js';
import { ConnectionWriter } from '../../../../src/server/fan-out/connection-writer.js';
import { Member } from '../../../../src/server/fan-out/member.js';
import { SharedSubscriptions } from '../../../../src/server/fan-out/shared-subscriptions.js';
import { WriteRounds } from '../../../../src/server/fan-out/write-rounds.js';

const BY_LEAST: Sharing = {
  ...CHANGES,
  view: { by: ['atLeast'], of: ({ atLeast }) => (event) => String((event as Change).size >= Number(atLeast)) },
};

interface Change {
  readonly id: string;
  readonly size: number;
}

const WATCH = 'subscription ($atLeast: Int) { changed(atLeast: $atLeast) { id large secret } }';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Subscriptions to a schema in which what an event answers depends on the filter by `large` alone. */
function server() {
  const schema = buildSchema(`
    type Query { a: Int }
    type Change { id: String  large: Boolean  secret: String  named(prefix: String): String }
    type Subscription { changed(atLeast: Int, after: String): Change }
  `);
  const waiting: ((change: Change) => void)[] = [];
  let executions = 0;
  const field = schema.getSubscriptionType()?.getFields()['changed'];
  if (!field) throw new Error('no field');
  field.extensions = { sharing: BY_LEAST };
  field.subscribe = () => ({
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise((resolve) => waiting.push((value) => resolve({ done: false, value }))),
      return: () => Promise.resolve({ done: true, value: undefined }),
    }),
  });
  field.resolve = (change: Change, { atLeast }: { atLeast?: number }, { caller }: OperationContext) => {
    executions += 1;
    return { ...change, large: change.size >= (atLeast ?? 0), secret: caller.name, named: ({ prefix }: { prefix: string }) => `${prefix}${change.id}` };
  };
  const subscriptions = new SharedSubscriptions({
    createContext: ({ contextValue }) => contextValue as OperationContext,
    audienceOf: ({ contextValue }) => (contextValue as OperationContext).caller.name,
    shown: (result) => result,
    queueLimit: 10,
    tooSlow: () => ({}),
  });
  return {
    executions: () => executions,
    /** Resolves with how to read the one result that a client is sent. */
    async subscribe(variableValues: Record<string, unknown>, options: { query?: string; role?: string } = {}): Promise<() => ExecutionResult | null> {
      const chunks: Buffer[] = [];
      const stream = new Duplex({
        read: () => undefined,
        write(chunk: Buffer, _encoding, done) {
          chunks.push(chunk);
          done();
        },
      });
      const args = { schema, document: parse(options.query ?? WATCH), variableValues, contextValue: { caller: { name: options.role ?? 'viewer' } } };
      const member = await subscriptions.subscribe(args, { id: 'x', writer: new ConnectionWriter(stream, 1_000_000, new WriteRounds()) });
      if (!(member instanceof Member)) throw new Error(JSON.stringify(member));
      await turn();
      return () => {
        const text = Buffer.concat(chunks).toString();
        return text === '' ? null : (JSON.parse(text.slice(text.indexOf('{"id"'))) as { payload: ExecutionResult }).payload;
      };
    },
    async publish(change: Change): Promise<void> {
      for (const tell of waiting.splice(0)) tell(change);
      for (let turns = 0; turns < 3; turns += 1) await turn();
    },
  };
}

const answered = (read: () => ExecutionResult | null): unknown => read()?.data?.['changed'];

describe('subscriptions with different filters', () => {
  it('share the execution of every event that looks alike through them, and only that', async () => {
    const { subscribe, publish, executions } = server();
    const clients = await Promise.all([1, 2, 3, 10, 11].map((atLeast) => subscribe({ atLeast })));
    await publish({ id: 'e', size: 5 });
    expect(executions()).toBe(2);
    expect(clients.map(answered)).toEqual([true, true, true, false, false].map((large) => ({ id: 'e', large, secret: 'viewer' })));
  });

  it('share nothing between audiences', async () => {
    const { subscribe, publish, executions } = server();
    const [viewer, admin] = await Promise.all([subscribe({ atLeast: 1 }), subscribe({ atLeast: 2 }, { role: 'admin' })]);
    await publish({ id: 'e', size: 5 });
    expect(executions()).toBe(2);
    expect([viewer, admin].map(answered)).toEqual([{ id: 'e', large: true, secret: 'viewer' }, { id: 'e', large: true, secret: 'admin' }]);
  });

  it('share no payload where the same variable decides elsewhere what is in it', async () => {
    const { subscribe, publish, executions } = server();
    const query = 'subscription ($atLeast: Int, $id: Boolean!, $prefix: String) { changed(atLeast: $atLeast) { id @include(if: $id) named(prefix: $prefix) } }';
    const variables = [{ atLeast: 1, id: true, prefix: 'a' }, { atLeast: 2, id: true, prefix: 'b' }, { atLeast: 3, id: false, prefix: 'b' }, { atLeast: 4, id: false, prefix: 'b' }];
    const clients = await Promise.all(variables.map((each) => subscribe(each, { query })));
    await publish({ id: 'e', size: 5 });
    expect(executions()).toBe(3);
    expect(clients.map(answered)).toEqual([{ id: 'e', named: 'ae' }, { id: 'e', named: 'be' }, { named: 'be' }, { named: 'be' }]);
  });

  it('are looked at through the default of a variable that was not sent', async () => {
    const { subscribe, publish, executions } = server();
    const query = 'subscription ($atLeast: Int = 10) { changed(atLeast: $atLeast) { large } }';
    const clients = await Promise.all([{}, { atLeast: 11 }, { atLeast: 1 }].map((each) => subscribe(each, { query })));
    await publish({ id: 'e', size: 5 });
    expect(executions()).toBe(2);
    expect(clients.map(answered)).toEqual([{ large: false }, { large: false }, { large: true }]);
  });
});
