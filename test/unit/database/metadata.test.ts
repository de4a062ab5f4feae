import { expect, it } from 'vitest';

function mark(_target: object, _key: string): void {
  // The decorator's presence alone makes the compiler emit the type.
}

class Marked {
  @mark
  when!: Date;
}

it('the test compiler emits decorator metadata as tsc does', () => {
  expect(Reflect.getMetadata('design:type', Marked.prototype, 'when')).toBe(Date);
});
