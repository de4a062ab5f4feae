import { describe, expect, test } from 'vitest';

import { readArchiveInput, readEnqueueInput, readFailInput, readRetryInput } from '../../../src/lifecycle/validation.js';

const task = { taskId: 'a:1', queueName: 'q' };
const HALF = 'half \ud800';

describe('what a move is given', () => {
  test.each([
    [() => readEnqueueInput({ ...task, taskId: HALF }), 'taskId'],
    [() => readEnqueueInput({ ...task, queueName: HALF }), 'queueName'],
    [() => readEnqueueInput({ ...task, executionId: HALF }), 'executionId'],
    [() => readEnqueueInput({ ...task, messageVersion: HALF }), 'messageVersion'],
    [() => readEnqueueInput({ ...task, metadata: { a: [HALF] } }), 'metadata.a.0'],
    [() => readEnqueueInput({ ...task, metadata: { [HALF]: 1 } }), `metadata.${HALF}`],
    [() => readRetryInput({ executionId: 'a', reason: HALF }), 'reason'],
    [() => readArchiveInput({ executionId: 'a', reason: HALF }), 'reason'],
  ])('is refused where it is no Unicode: the database would store another text', (read, field) => {
    expect(read).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', field: field.split('.') }));
  });

  test('is not refused in the report of a failure', () => {
    expect(readFailInput({ executionId: 'a', errorMessage: HALF })).toMatchObject({ errorMessage: HALF });
  });

  test.each(['0000-12-31T23:59:59.999Z', '+010000-01-01T00:00:00Z'])('is refused where it was enqueued beyond what databases and clients know: %s', (instant) => {
    expect(() => readEnqueueInput({ ...task, enqueuedAt: new Date(instant) })).toThrow('enqueuedAt: must lie in the years 1 to 9999');
  });
});
