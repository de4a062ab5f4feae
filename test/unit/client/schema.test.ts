import { readFileSync } from 'node:fs';
import path from 'node:path';

import { buildSchema, type GraphQLEnumType, type GraphQLInputObjectType, type GraphQLObjectType, isNonNullType, isLeafType, getNamedType, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';

import { DEFAULT_FIELDS, documentsFor, FEED_CURSOR, FEED_STATE } from '../../../src/client/documents.js';
import { type Task, type TaskChange, type TaskFilter, TASK_STATUSES } from '../../../src/client/index.js';

const schema = buildSchema(readFileSync(path.resolve(import.meta.dirname, '../../../schema.graphql'), 'utf8'));

/** Null where the type may be null: checked by the compiler against the types, and below against the schema. */
const TASK: Task = {
  id: '', executionId: '', taskId: '', queueName: '', messageVersion: '', status: 'QUEUED', enqueuedAt: '', processingStartedAt: null, completedAt: null,
  failedAt: null, archivedAt: null, retryCount: 0, maxRetries: 0, lastRetryAt: null, errorMessage: null, errorCategory: null, errorStack: null, metadata: {},
  archivedReason: null, archivedBy: null, createdAt: '', updatedAt: '', queueType: '', naturalKey: '', canRetry: true, waitMs: null, runMs: null, irregularities: [],
};
const CHANGE: TaskChange = {
  cursor: '', kind: 'CREATED', at: '', executionId: null, nodeId: '', task: null, status: null, previousStatus: null, changedFields: [], lookedUp: false, matches: true,
};
const FILTER: Required<TaskFilter> = {
  queueName: [], status: [], errorCategory: [], taskId: '', taskIdPrefix: '', executionId: [], fingerprint: '', enqueuedAfter: '', enqueuedBefore: '', updatedAfter: '',
  updatedBefore: '', failedAfter: '', failedBefore: '', minRetryCount: 0, metadata: [{ path: 'a', eq: null, in: [1], exists: true }],
};

function fieldsOf(type: string) {
  return (schema.getType(type) as GraphQLObjectType).getFields();
}

describe('the client, against schema.graphql,', () => {
  it('asks only what the API answers', () => {
    const { page, changes } = documentsFor(DEFAULT_FIELDS);
    const own = documentsFor('status queue { name } retryChain { attemptCount }');
    for (const document of [page, changes, own.page, own.changes, FEED_CURSOR, FEED_STATE]) expect(validate(schema, parse(document))).toEqual([]);
  });

  it('asks for every scalar field of an execution, and says right which may be null', () => {
    const leaves = Object.values(fieldsOf('TaskTracker')).filter(({ type, name }) => isLeafType(getNamedType(type)) && name !== 'isStuck');
    expect(['id', 'executionId', ...DEFAULT_FIELDS.split(/\s+/)].sort()).toEqual(leaves.map(({ name }) => name).sort());
    expect(Object.keys(TASK).sort()).toEqual(leaves.map(({ name }) => name).sort());
    for (const { name, type } of leaves) expect([name, isNonNullType(type)]).toEqual([name, TASK[name as keyof Task] !== null]);
  });

  it('has every field of a change', () => {
    const fields = fieldsOf('TaskChange');
    expect(Object.keys(CHANGE).sort()).toEqual(Object.keys(fields).sort());
    // Of a BOOKMARK it is null; the client keeps those to itself.
    const { nodeId: _nodeId, ...others } = fields;
    for (const { name, type } of Object.values(others)) expect([name, isNonNullType(type)]).toEqual([name, CHANGE[name as keyof TaskChange] !== null]);
  });

  it('can say every condition of a filter, and every status', () => {
    expect(Object.keys(FILTER).sort()).toEqual(Object.keys((schema.getType('TaskFilter') as GraphQLInputObjectType).getFields()).sort());
    expect(Object.keys(FILTER.metadata?.[0] ?? {}).sort()).toEqual(Object.keys((schema.getType('MetadataFilter') as GraphQLInputObjectType).getFields()).sort());
    expect([...TASK_STATUSES].sort()).toEqual((schema.getType('TaskStatus') as GraphQLEnumType).getValues().map(({ name }) => name).sort());
  });
});
