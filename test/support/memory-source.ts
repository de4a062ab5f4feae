import type { ChangeSource, LiveHandle, RawChange } from '../../src/feed/change-source.js';
import { stored } from './feed.js';

export interface MemorySource extends ChangeSource {
  /** Commits changes: the open stream has them all at once, as in one batch of the database. */
  commit(...changes: RawChange[]): void;
  /** Breaks the open stream: what waits for its next change is rejected. */
  break(error: Error): void;
  /** With what each stream was opened: a resume token, or null for "from now". */
  readonly opened: readonly (string | null)[];
  /** Called before a stream opens; what it throws is what the database answers. */
  onOpen: (from: string | null) => void;
  /** Since when the database is away (`performance.now()`): it answers nothing after that; null while it is there. */
  awaySince: number | null;
  /** Whether its driver finds out that no server can be reached. Default true. */
  noticesAbsence: boolean;
}

const tokenOf = (number: number): string => number.toString(16).padStart(16, '0');
let created = 0;

/** A change stream in memory, with all that was ever committed as its history. */
export function memorySource(): MemorySource {
  const history: RawChange[] = [];
  const opened: (string | null)[] = [];
  let broken: { readonly error: Error; readonly from: number } | null = null;
  let wake: () => void = () => undefined;

  const handleAt = (start: number): LiveHandle => {
    let at = start;
    let closed = false;
    const generation = opened.length;
    return {
      async next() {
        for (;;) {
          if (closed) throw new Error('the stream is closed');
          if (broken !== null && broken.from === generation) throw broken.error;
          const change = history[at];
          if (change !== undefined) {
            at += 1;
            return change;
          }
          await new Promise<void>((resolve) => (wake = resolve));
        }
      },
      get token() {
        return tokenOf(at);
      },
      get lastAnswerAt() {
        return source.awaySince ?? performance.now();
      },
      close() {
        closed = true;
        wake();
        return Promise.resolve();
      },
    };
  };

  const source: MemorySource = {
    opened,
    onOpen: () => undefined,
    awaySince: null,
    noticesAbsence: true,
    unreachableSince: () => (source.noticesAbsence ? source.awaySince : null),
    open(from) {
      opened.push(from);
      try {
        source.onOpen(from);
      } catch (error) {
        return Promise.reject(error as Error);
      }
      return Promise.resolve(handleAt(from === null ? history.length : Number.parseInt(from, 16)));
    },
    replay(from) {
      let at = Number.parseInt(from, 16);
      return {
        tryNext: () => Promise.resolve(history[at++] ?? null),
        close: () => Promise.resolve(),
      };
    },
    lookup: () => Promise.resolve(null),
    commit(...changes) {
      for (const change of changes) {
        history.push({ ...change, _id: { _data: tokenOf(history.length + 1) }, clusterTime: { t: 1_700_000_000, i: history.length + 1 } });
      }
      wake();
    },
    break(error) {
      broken = { error, from: opened.length };
      wake();
    },
  };
  return source;
}

/** The change of an execution that was just stored; `commit` gives it its place in history. */
export function inserted(executionId: string, fields: Record<string, unknown> = {}): RawChange {
  created += 1;
  const fullDocument = { _id: created, ...stored(executionId, fields) };
  return { _id: { _data: '' }, operationType: 'insert', wallTime: new Date(), documentKey: { _id: created }, fullDocument };
}
