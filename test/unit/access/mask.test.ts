import { describe, expect, it } from 'vitest';

import { MASKED, maskFor, SensitivePaths } from '../../../src/access/mask.js';
import { toExecution } from '../../../src/model/execution.js';

const masked = (paths: readonly string[], metadata: unknown): unknown => new SensitivePaths(paths).masked(metadata);

describe('sensitive places in metadata', () => {
  it('are masked with all that is below them, and nothing else is', () => {
    const metadata = { customer: { email: 'a@b', name: 'x' }, card: { number: 1, holder: { name: 'y' } }, email: 'open' };
    expect(masked(['customer.email', 'card.*'], metadata)).toEqual({ customer: { email: MASKED, name: 'x' }, card: { number: MASKED, holder: MASKED }, email: 'open' });
    expect(masked(['customer'], metadata)).toMatchObject({ customer: MASKED });
    expect(masked(['*.name'], metadata)).toMatchObject({ customer: { name: MASKED, email: 'a@b' }, card: { holder: { name: 'y' } } });
    expect(masked([], metadata)).toEqual(metadata);
  });

  it('are found through lists, in lists of lists, and in keys that hold dots', () => {
    expect(masked(['items.card'], { items: [{ card: 1, id: 2 }, [{ card: 3 }], 4] })).toEqual({ items: [{ card: MASKED, id: 2 }, [{ card: MASKED }], 4] });
    expect(masked(['customer.email'], { 'customer.email': 1, 'customer.email.old': 2, customer: { 'email.new': 3 } })).toEqual({ 'customer.email': MASKED, 'customer.email.old': MASKED, customer: { 'email.new': MASKED } });
  });

  it('are not searched by, nor what holds them, nor what lies in them', () => {
    const paths = new SensitivePaths(['customer.email', 'items.card.*']);
    for (const path of ['customer.email', 'customer', 'customer.email.0', 'customer.0.email', '0.customer.email', 'items', 'items.3.card', 'items.card', 'items.card.number']) expect(paths.overlaps(path), path).toBe(true);
    for (const path of ['customer.name', 'email', 'customers', 'items.id', 'items.3.id', 'card']) expect(paths.overlaps(path), path).toBe(false);
  });

  it.each([['a..b'], [''], ['.a']])('are refused with an empty name: %s', (path) => {
    expect(() => new SensitivePaths([path])).toThrow('sensitiveMetadata');
  });
});

describe('the mask of a role', () => {
  const sensitive = new SensitivePaths(['secret']);
  const execution = toExecution({ _id: 1, errorStack: 'at x', metadata: { secret: 1, open: 2 } });

  it.each(['VIEWER', 'WORKER'] as const)('hides stack traces and sensitive metadata from a %s', (role) => {
    const mask = maskFor(role, sensitive);
    expect([mask.errorStack(execution), mask.metadata(execution, execution.metadata), mask.hides('secret')]).toEqual([MASKED, { secret: MASKED, open: 2 }, true]);
    expect(mask.errorStack(toExecution({ _id: 1 }))).toBeNull();
  });

  it.each(['OPERATOR', 'ADMIN'] as const)('hides nothing from an %s', (role) => {
    const mask = maskFor(role, sensitive);
    expect([mask.errorStack(execution), mask.metadata(execution, execution.metadata), mask.hides('secret')]).toEqual(['at x', { secret: 1, open: 2 }, false]);
  });

  it('hides what a damaged document holds in the place of a stack trace or of metadata', () => {
    const mask = maskFor('VIEWER', sensitive);
    const damaged = toExecution({ _id: 1, errorStack: { trace: 'at secret' }, metadata: [{ secret: 1 }] });
    expect(JSON.stringify([mask.errorStack(damaged), mask.metadata(damaged, damaged.metadata), mask.irregularities(damaged)])).not.toMatch(/at secret|"secret":1/);
    expect(mask.metadata(damaged, damaged.metadata)).toEqual({ value: MASKED });
  });
});
