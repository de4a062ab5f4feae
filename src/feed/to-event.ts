import { toExecution, type Execution, type StoredDocument } from '../model/execution.js';
import type { ShownStatus } from '../model/status.js';
import type { ChangeSource, RawChange } from './change-source.js';
import type { CursorCodec, Position } from './cursor.js';
import { postImage } from './post-image.js';
import type { ChangeKind, TaskChangeEvent } from './types.js';

const KINDS: Readonly<Record<string, ChangeKind>> = {
  insert: 'CREATED',
  update: 'UPDATED',
  replace: 'UPDATED',
  delete: 'REMOVED',
};

/** Whether this change is of a document (and not of the collection or the stream). */
export function isDocumentChange(change: RawChange): boolean {
  return change.operationType in KINDS;
}

/** An event whose cursor text is made when it is first asked for: most events are shared by many or wanted by none. */
class Change implements TaskChangeEvent {
  #cursor: string | undefined;
  readonly status: ShownStatus | null;
  readonly previousStatus: ShownStatus | null;

  constructor(
    readonly position: Position,
    readonly codec: CursorCodec,
    readonly kind: ChangeKind,
    readonly at: Date,
    readonly executionId: string | null,
    readonly documentId: unknown,
    readonly task: Execution | null,
    readonly before: Execution | null,
    readonly lookedUp: boolean,
    readonly changedFields: readonly string[],
    /** Rough size in memory, in bytes. */
    readonly size: number,
  ) {
    this.status = task?.status ?? null;
    this.previousStatus = before?.status ?? null;
  }

  get cursor(): string {
    return (this.#cursor ??= this.codec.encode(this.position));
  }
}

export type PositionedEvent = Change;

const NO_FIELDS: readonly string[] = Object.freeze([]);
const UNLISTED = new Set(['_id', '__v']);

function listedFields(document: StoredDocument): string[] {
  return Object.keys(document).filter((name) => !UNLISTED.has(name));
}

function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  return JSON.stringify(a) === JSON.stringify(b);
}

function fieldsOf(change: RawChange): readonly string[] {
  const { fullDocument, fullDocumentBeforeChange: before, updateDescription: update } = change;
  if (update) {
    return [
      ...Object.keys(update.updatedFields ?? {}),
      ...(update.removedFields ?? []),
      ...(update.truncatedArrays ?? []).map(({ field }) => field),
    ];
  }
  if (!fullDocument) return NO_FIELDS;
  if (change.operationType !== 'replace' || !before) return listedFields(fullDocument);
  const names = new Set([...listedFields(fullDocument), ...listedFields(before)]);
  return [...names].filter((name) => !sameValue(fullDocument[name], before[name]));
}

/** What a stored document costs in memory: its text, doubled, and something for each field. A bound, not a measure. */
export function roughSize(value: unknown, depth = 0): number {
  if (typeof value === 'string') return 24 + value.length * 2;
  if (typeof value !== 'object' || value === null) return 16;
  if (depth > 32) return 64;
  let size = 32;
  if (Array.isArray(value)) {
    for (const item of value) size += roughSize(item, depth + 1);
    return size;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return 64;
  for (const name in value) size += 16 + roughSize((value as Record<string, unknown>)[name], depth + 1);
  return size;
}

export interface EventMaker {
  /** Resolves at once where the change itself says everything. */
  make(change: RawChange, position: Position): PositionedEvent | Promise<PositionedEvent>;
  bookmark(position: Position, at: Date): PositionedEvent;
}

export function createEventMaker(source: Pick<ChangeSource, 'lookup'>, codec: CursorCodec): EventMaker {
  const build = (change: RawChange, position: Position, after: StoredDocument | null, lookedUp: boolean): PositionedEvent => {
    const stored = change.fullDocumentBeforeChange ?? null;
    const before = stored === null ? null : toExecution(stored);
    const task = after === null ? null : toExecution(after);
    return new Change(
      position,
      codec,
      KINDS[change.operationType] ?? 'UPDATED',
      change.wallTime ?? new Date((change.clusterTime?.t ?? 0) * 1000),
      task?.executionId ?? before?.executionId ?? null,
      change.documentKey?._id ?? null,
      task,
      before,
      lookedUp,
      change.operationType === 'delete' ? NO_FIELDS : fieldsOf(change),
      256 + (stored === null ? 0 : roughSize(stored)) + (after === null ? 0 : roughSize(after)),
    );
  };

  const lookUp = async (change: RawChange, position: Position): Promise<PositionedEvent> =>
    build(change, position, await source.lookup(change.documentKey?._id), true);

  return {
    make(change, position) {
      const { operationType, fullDocument, fullDocumentBeforeChange: before, updateDescription: update } = change;
      if (operationType === 'delete') return build(change, position, null, false);
      if (operationType !== 'update') return build(change, position, fullDocument ?? null, false);
      if (before && update) {
        const after = postImage(before, update);
        if (after !== null) return build(change, position, after, false);
      }
      if (fullDocument) return build(change, position, fullDocument, true);
      return lookUp(change, position);
    },
    bookmark(position, at) {
      return new Change(position, codec, 'BOOKMARK', at, null, null, null, null, false, NO_FIELDS, 256);
    },
  };
}
