import type { Counted, Fold } from '../../src/stats/fold/types.js';

/** A fold that only knows which documents it holds, and notices what is taken from it that it was not given. */
export interface StubFold extends Fold {
  readonly held: ReadonlyMap<string, number>;
}

export function stubFold(held = new Map<string, number>()): StubFold {
  const change = (document: Counted | null, by: number): void => {
    if (document === null) return;
    const text = JSON.stringify(document);
    const count = (held.get(text) ?? 0) + by;
    if (count < 0) throw new Error(`what the fold does not hold was taken from it: ${text}`);
    if (count === 0) held.delete(text);
    else held.set(text, count);
  };
  const apply = (before: Counted | null, after: Counted | null): null => {
    change(before, -1);
    change(after, 1);
    return null;
  };
  const snapshot = (): Promise<Uint8Array> => Promise.resolve(Buffer.from(JSON.stringify([...held])));
  return { held, apply, snapshot } as unknown as StubFold;
}

export function restoreStub(bytes: Uint8Array): StubFold {
  return stubFold(new Map(JSON.parse(Buffer.from(bytes).toString()) as [string, number][]));
}
