import { getNamedType, type GraphQLSchema, isInterfaceType, isObjectType, parse, validate } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';

import { ANONYMOUS } from '../../../../src/access/caller.js';
import type { Role } from '../../../../src/access/role.js';
import { createPermissionCheck, type PermissionCheck } from '../../../../src/graphql/access/check.js';
import { FIELD_PERMISSIONS, needOf } from '../../../../src/graphql/access/permissions.js';
import { buildTaskTrackerSchema } from '../../../../src/graphql/schema.js';

let schema: GraphQLSchema;
let check: PermissionCheck;
beforeAll(async () => {
  schema = await buildTaskTrackerSchema();
  check = createPermissionCheck(schema);
});

function refusedTo(role: Role, source: string, operationName?: string): unknown[] {
  const document = parse(source);
  expect(validate(schema, document)).toEqual([]);
  return check(document, operationName, { ...ANONYMOUS, role }).map(({ extensions }) => extensions['field']);
}

const MOVE = 'mutation { startTask(executionId: "e") { changed userErrors { code message field } task { FIELDS } } }';

describe('the table of permissions', () => {
  test('names every root field, and nothing that is not in the schema', () => {
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) => Object.keys(type?.getFields() ?? {}).map((field) => `${type?.name}.${field}`));
    expect(roots.filter((coordinate) => !(coordinate in FIELD_PERMISSIONS))).toEqual([]);
    for (const coordinate of Object.keys(FIELD_PERMISSIONS)) {
      const [typeName = '', field = ''] = coordinate.split('.');
      const type = schema.getType(typeName);
      expect(isObjectType(type) && field in type.getFields(), coordinate).toBe(true);
    }
  });

  test('of all fields, a WORKER may select the moves of a worker and the plain values that they answer', () => {
    const types = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) || isInterfaceType(type));
    const open = types.flatMap((type) =>
      Object.values(type.getFields()).flatMap((field) => (['NONE', 'WORK'].includes(needOf(type, field)) && !type.name.startsWith('__') ? [`${type.name}.${field.name}: ${getNamedType(field.type).name}`] : [])),
    );
    const leading = open.filter((each) => isObjectType(schema.getType(each.split(': ')[1] ?? '')));
    expect(leading.sort()).toEqual([
      'EnqueueTaskPayload.task: TaskTracker',
      'EnqueueTaskPayload.userErrors: TaskUserError',
      'Mutation.completeTask: TransitionPayload',
      'Mutation.enqueueTask: EnqueueTaskPayload',
      'Mutation.failTask: TransitionPayload',
      'Mutation.startTask: TransitionPayload',
      'Query.caller: Caller',
      'RetryTaskPayload.previous: TaskTracker',
      'RetryTaskPayload.task: TaskTracker',
      'RetryTaskPayload.userErrors: TaskUserError',
      'TransitionPayload.task: TaskTracker',
      'TransitionPayload.userErrors: TaskUserError',
    ]);
    expect([...new Set(open.map((each) => each.split('.')[0]))].sort()).toEqual(['Caller', 'EnqueueTaskPayload', 'Mutation', 'Query', 'RetryTaskPayload', 'TaskTracker', 'TaskUserError', 'TransitionPayload']);
  });
});

describe('the permissions of an operation', () => {
  test('a WORKER may read what a move holds, but follow nothing from there', () => {
    expect(refusedTo('WORKER', MOVE.replace('FIELDS', 'executionId status metadata waitMs isStuck __typename'))).toEqual([]);
    expect(refusedTo('WORKER', MOVE.replace('FIELDS', 'retryChain { attemptCount } queue { name }'))).toEqual(['TaskTracker.retryChain', 'RetryChain.attemptCount', 'TaskTracker.queue', 'Queue.name']);
  });

  test('nothing is hidden in fragments, however nested, nor behind a directive', () => {
    const source = `
      mutation M($no: Boolean = false) { startTask(executionId: "e") { ...A } }
      fragment A on TransitionPayload { ... on TransitionPayload { task { ...B } } }
      fragment B on TaskTracker { id ...C }
      fragment C on TaskTracker { ...B1 queue @include(if: $no) { name } }
      fragment B1 on TaskTracker { status }`;
    expect(refusedTo('WORKER', source)).toEqual(['TaskTracker.queue', 'Queue.name']);
    expect(refusedTo('OPERATOR', source)).toEqual(['Mutation.startTask']);
    expect(refusedTo('ADMIN', source)).toEqual([]);
  });

  test('only the operation that is executed counts', () => {
    const source = 'query Read { tasks { totalCount } } mutation Move { completeTask(executionId: "e") { changed } }';
    expect(refusedTo('WORKER', source, 'Move')).toEqual([]);
    expect(refusedTo('VIEWER', source, 'Read')).toEqual([]);
    expect(refusedTo('VIEWER', source, 'Move')).toEqual(['Mutation.completeTask']);
    expect(refusedTo('WORKER', source, 'Read')).toContain('Query.tasks');
  });

  test('whoever is known may ask for the schema, and who they are', () => {
    expect(refusedTo('WORKER', '{ __typename __schema { types { name } } caller { name role permissions queues expiresAt } }')).toEqual([]);
  });

  test('the error names the field, the role, and those that may', () => {
    const [error] = check(parse('mutation { archiveTask(input: { executionId: "e", reason: "r" }) { changed } }'), null, { ...ANONYMOUS, role: 'VIEWER' });
    expect(error?.message).toBe('The role VIEWER may not use Mutation.archiveTask: it takes OPERATOR or ADMIN.');
    expect(error?.extensions).toEqual({ code: 'FORBIDDEN', field: 'Mutation.archiveTask', roles: ['OPERATOR', 'ADMIN'] });
  });
});
