import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { paths, queueNameOf } from '../../../dashboard/src/routing/paths.js';

describe('the path of a queue', () => {
  it('gives back its name, whatever is in it, under any base', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), fc.constantFrom('', '/ops/tasks'), (name, base) => {
        // A browser takes a name of dots for folders: such a queue has no page.
        fc.pre(name !== '.' && name !== '..');
        const { pathname } = new URL(base + paths.queue(name), 'http://localhost');
        expect(queueNameOf(pathname, base)).toBe(name);
      }),
    );
  });

  it('takes a slash that was typed as it is, and what cannot be decoded', () => {
    expect(queueNameOf('/queues/mail/out', '')).toBe('mail/out');
    expect(queueNameOf('/queues/100%', '')).toBe('100%');
  });
});

describe('the paths of views', () => {
  it('carry filter and order', () => {
    expect(paths.tasks()).toBe('/tasks');
    expect(paths.tasks({ queueName: ['a b'], status: ['FAILED'] }, { field: 'FAILED_AT', direction: 'DESC' })).toBe('/tasks?queue=a+b&status=FAILED&order=FAILED_AT.DESC');
    expect([paths.errors(), paths.errors('jobs')]).toEqual(['/errors', '/errors?queue=jobs']);
  });
});
