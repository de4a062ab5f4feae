import { readFileSync } from 'node:fs';
import path from 'node:path';

import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';

import { columnsOf } from '../../../../src/server/export/columns.js';

const schema = buildSchema(`
  scalar JSONObject
  enum Status { QUEUED }
  type Queue { name: String! }
  type TaskTracker {
    taskId: String!
    executionId: ID!
    status: Status!
    waitMs: Float
    isStuck(timeoutMs: Float): Boolean!
    within(ms: Float!): Boolean!
    irregularities: [String!]!
    metadata: JSONObject!
    queue: Queue!
  }
  type Query { task: TaskTracker }
`);
const namesOf = (asked: string): string[] => columnsOf(schema, asked).map(({ name }) => name);

describe('the columns of an export', () => {
  it('are fields with a plain value, in the order in which they are named', () => {
    expect(namesOf('status, taskId ,waitMs,isStuck,irregularities')).toEqual(['status', 'taskId', 'waitMs', 'isStuck', 'irregularities']);
    const [status] = columnsOf(schema, 'status');
    expect(status?.valueOf({ status: 'QUEUED' })).toBe('QUEUED');
  });

  it.each(['queue', 'within', 'colour', '', 'taskId,', 'TASKID', '__typename', 'metadata.', 'metadata..a', 'taskId.a', 'constructor'])('are not %j', (name) => {
    expect(() => columnsOf(schema, `executionId,${name}`)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', field: ['columns'] }));
  });

  it('are each there once, and no more than 100', () => {
    expect(() => columnsOf(schema, 'taskId,status,taskId')).toThrow('"taskId" is there twice');
    const many = Array.from({ length: 100 }, (_, n) => `metadata.m${n}`);
    expect(namesOf(many.join(','))).toHaveLength(100);
    expect(() => columnsOf(schema, [...many, 'taskId'].join(','))).toThrow('at most 100');
  });

  it('are the usual ones where none is named', () => {
    const own = buildSchema(readFileSync(path.resolve(import.meta.dirname, '../../../../schema.graphql'), 'utf8'));
    for (const none of [null, '', ' ']) expect(columnsOf(own, none).map(({ name }) => name)).toEqual(expect.arrayContaining(['taskId', 'queueName', 'status', 'metadata']));
  });

  it('reach into metadata by a path, and are null where nothing is there', () => {
    const [column] = columnsOf(schema, 'metadata.aircraft.id');
    expect(column).toMatchObject({ name: 'metadata.aircraft.id', field: 'metadata' });
    expect(column?.valueOf({ metadata: { aircraft: { id: 7 } } })).toBe(7);
    for (const metadata of [{}, null, { aircraft: null }, { aircraft: 'x' }, { aircraft: { other: 1 } }, { 'aircraft.id': 1 }]) expect(column?.valueOf({ metadata })).toBeNull();
    expect(columnsOf(schema, 'metadata.list.1')[0]?.valueOf({ metadata: { list: ['a', 'b'] } })).toBe('b');
  });

  it('give nothing that a value only inherits', () => {
    for (const path of ['constructor', '__proto__', 'toString.name']) expect(columnsOf(schema, `metadata.${path}`)[0]?.valueOf({ metadata: {} })).toBeNull();
    expect(columnsOf(schema, 'metadata.text.length')[0]?.valueOf({ metadata: { text: 'abc' } })).toBeNull();
  });
});
