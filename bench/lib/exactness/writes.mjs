/**
 * The ways in which executions are written: as the original model's workers do with the driver, through our model, and
 * by mutations. Each write is one entry: which executions become what, and the call that makes them so.
 */
import { randomUUID } from 'node:crypto';

import { Owned } from './ledger.mjs';

export const QUEUES = ['exact_0', 'exact_1', 'exact_2', 'exact_3', 'exact_4'];
const STATUSES = ['queued', 'processing', 'completed', 'failed', 'dlq', 'archived'];
const CATEGORIES = ['transient', 'validation', 'processing', 'infrastructure', 'partner_api', 'unknown'];
const COLOURS = ['red', 'green', 'blue'];
const TRAIL = 4;
const MAX_RETRIES = 5;

/** The next state of an execution, and the update that leads there from any state. */
function nextState(random, owned) {
  const version = owned.metadata.version + 1;
  const status = random.chance(0.6) ? random.pick(STATUSES) : owned.status;
  const retryCount = random.below(MAX_RETRIES);
  const colour = random.pick(COLOURS);
  const trail = [...(owned.metadata.trail ?? []), version].slice(-TRAIL);
  const dropsNote = random.chance(0.5);
  const metadata = { ...owned.metadata, version, colour, trail };
  if (dropsNote) delete metadata.note;
  const now = new Date();
  const fields = {
    status,
    retryCount,
    updatedAt: now,
    ...(status === 'processing' ? { processingStartedAt: now } : {}),
    ...(status === 'completed' ? { completedAt: now } : {}),
    ...(status === 'failed' || status === 'dlq' ? { failedAt: now, errorCategory: random.pick(CATEGORIES), errorMessage: `broke at ${version}` } : {}),
  };
  const update = {
    $set: { ...fields, 'metadata.version': version, 'metadata.colour': colour },
    $push: { 'metadata.trail': { $each: [version], $slice: -TRAIL } },
    ...(dropsNote ? { $unset: { 'metadata.note': '' } } : {}),
  };
  return { state: { status, retryCount, metadata }, update, fields };
}

function freshState(random, writer) {
  const executionId = randomUUID();
  return {
    executionId,
    taskId: `exact:${'abcdefgh'[random.below(8)]}:${executionId}`,
    queueName: random.pick(QUEUES),
    status: 'queued',
    retryCount: 0,
    metadata: { version: 1, writer, colour: random.pick(COLOURS), note: 'first', trail: [1] },
  };
}

function documentOf(fields) {
  const now = new Date();
  return { messageVersion: '1.0', maxRetries: MAX_RETRIES, enqueuedAt: now, createdAt: now, updatedAt: now, ...fields };
}

const one = (owned, state, call) => ({ changes: [{ owned, state }], call });

function updatesOf(random, { collection, client }) {
  const byId = ({ executionId }) => ({ executionId });
  // A write that the driver repeats, because the database died before it answered, must not happen twice.
  const asItIs = ({ executionId, metadata }) => ({ executionId, 'metadata.version': metadata.version });
  return {
    update: (owned) => {
      const { state, update } = nextState(random, owned);
      return one(owned, state, () => collection.updateOne(asItIs(owned), update));
    },
    findAndUpdate: (owned) => {
      const { state, update } = nextState(random, owned);
      return one(owned, state, () => collection.findOneAndUpdate(asItIs(owned), update));
    },
    replace: (owned) => {
      const { state, fields } = nextState(random, owned);
      const { executionId, taskId, queueName } = owned;
      return one(owned, state, () => collection.replaceOne(byId(owned), documentOf({ executionId, taskId, queueName, ...fields, ...state })));
    },
    remove: (owned) => one(owned, null, () => collection.deleteOne(byId(owned))),
    bulk: (owned, other) => {
      const writes = [owned, other].map((each) => ({ owned: each, ...nextState(random, each) }));
      return { changes: writes, call: () => collection.bulkWrite(writes.map(({ owned: each, update }) => ({ updateOne: { filter: asItIs(each), update } }))) };
    },
    transaction: (owned, other) => {
      const writes = [owned, other].map((each) => ({ owned: each, ...nextState(random, each) }));
      const call = () =>
        client.withSession((session) =>
          session.withTransaction(async () => {
            for (const { owned: each, update } of writes) await collection.updateOne(asItIs(each), update, { session });
          }),
        );
      return { changes: writes, call };
    },
  };
}

/** Writes as an old worker makes them. */
export function driverWrites(random, { collection, client, ledger }) {
  const updates = updatesOf(random, { collection, client });
  return {
    create(writer) {
      const state = freshState(random, writer);
      return one(new Owned(ledger, state), {}, () => collection.insertOne(documentOf(state)));
    },
    change(owned, other) {
      if (random.chance(0.03)) return updates.remove(owned);
      if (other !== undefined && random.chance(0.15)) return updates[random.pick(['bulk', 'transaction'])](owned, other);
      return updates[random.pick(['update', 'update', 'findAndUpdate', 'replace'])](owned);
    },
  };
}

/** Writes through our model. */
export function modelWrites(random, { model, ledger }) {
  const ways = {
    update: (owned) => {
      const { state, update } = nextState(random, owned);
      return one(owned, state, () => model.updateOne({ executionId: owned.executionId, 'metadata.version': owned.metadata.version }, update));
    },
    findAndUpdate: (owned) => {
      const { state, update } = nextState(random, owned);
      return one(owned, state, () => model.findOneAndUpdate({ executionId: owned.executionId, 'metadata.version': owned.metadata.version }, update));
    },
    save: (owned) => {
      const { state } = nextState(random, owned);
      const save = async () => {
        const document = await model.findOne({ executionId: owned.executionId });
        document.set(state);
        await document.save();
      };
      return one(owned, state, save);
    },
  };
  return {
    create(writer) {
      const state = freshState(random, writer);
      return one(new Owned(ledger, state), {}, () => model.create(state));
    },
    change: (owned) => ways[random.pick(Object.keys(ways))](owned),
  };
}

const MUTATIONS = {
  enqueue: 'mutation ($input: EnqueueTaskInput!) { answer: enqueueTask(input: $input) { task { executionId } userErrors { code message } } }',
  start: 'mutation ($executionId: ID!) { answer: startTask(executionId: $executionId) { userErrors { code message } } }',
  complete: 'mutation ($executionId: ID!) { answer: completeTask(executionId: $executionId) { userErrors { code message } } }',
  fail: 'mutation ($input: FailTaskInput!) { answer: failTask(input: $input) { userErrors { code message } } }',
  deadLetter: 'mutation ($executionId: ID!) { answer: moveTaskToDlq(executionId: $executionId) { userErrors { code message } } }',
  archive: 'mutation ($input: ArchiveTaskInput!) { answer: archiveTask(input: $input) { userErrors { code message } } }',
  retry: 'mutation ($input: RetryTaskInput!) { answer: retryTask(input: $input) { task { executionId } userErrors { code message } } }',
};

/** Writes by mutations of the API. `mutate(query, variables)` resolves with the payload, or throws. */
export function mutationWrites(random, { mutate, ledger }) {
  const move = (owned, name, state) => one(owned, state, () => mutate(MUTATIONS[name], { executionId: owned.executionId }));
  const withInput = (owned, name, state, input) => one(owned, state, () => mutate(MUTATIONS[name], { input: { executionId: owned.executionId, ...input } }));
  const fail = (owned) => {
    const recoverable = random.chance(0.7);
    const status = recoverable && owned.retryCount < MAX_RETRIES ? 'failed' : 'dlq';
    return withInput(owned, 'fail', { status }, { errorMessage: 'broke', errorCategory: random.pick(CATEGORIES).toUpperCase(), recoverable });
  };
  /** The old execution stays failed, or becomes archived; the new one is known by the answer only. */
  const retry = (owned, state, retryCount) => ({
    changes: state === null ? [] : [{ owned, state }],
    call: () => mutate(MUTATIONS.retry, { input: { executionId: owned.executionId } }),
    retires: owned,
    creates: ({ task }) => new Owned(ledger, { ...owned, executionId: task.executionId, status: 'queued', retryCount }),
  });
  const ways = {
    queued: (owned) => move(owned, 'start', { status: 'processing' }),
    processing: (owned) => (random.chance(0.5) ? move(owned, 'complete', { status: 'completed' }) : fail(owned)),
    failed: (owned) => {
      if (owned.retryCount < MAX_RETRIES && random.chance(0.5)) return retry(owned, null, owned.retryCount + 1);
      return move(owned, 'deadLetter', { status: 'dlq' });
    },
    dlq: (owned) => (random.chance(0.5) ? retry(owned, { status: 'archived' }, 0) : withInput(owned, 'archive', { status: 'archived' }, { reason: 'enough' })),
  };
  return {
    create(writer) {
      const state = freshState(random, writer);
      const { executionId, taskId, queueName, metadata } = state;
      return one(new Owned(ledger, state), {}, () => mutate(MUTATIONS.enqueue, { input: { executionId, taskId, queueName, metadata, maxRetries: MAX_RETRIES } }));
    },
    /** Undefined where no move leads on. */
    change: (owned) => ways[owned.status]?.(owned),
  };
}
