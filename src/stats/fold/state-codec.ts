import { ARENA_PAGE_BYTES, type Arena } from './arena.js';
import type { ProcessingOrder } from './active.js';
import type { Cells } from './cells.js';
import type { ByteReader, ByteWriter } from './codec.js';
import { type ErrorGroups, Group } from './error-groups.js';
import type { Kept, KeptFew } from './kept.js';
import { QueueEntry, type Queues } from './queues.js';
import type { Refusals } from './refusals.js';
import { Series } from './series.js';
import type { FoldState } from './state.js';
import { QUEUE_SAMPLES, Tally } from './tally.js';
import { isErrorCategory } from '../../model/error-category.js';

/** A fold's state to bytes and back, field by field in one order. Readers throw where bytes cannot be such a state. */

/** Shares the arena: who has used what was written calls its `unshare`. */
export function writeState(state: FoldState, out: ByteWriter): void {
  writeArena(state.arena, out);
  out.whole(state.nextSeriesId);
  out.whole(state.listed);
  out.list(state.series.values(), state.series.size, (series) => writeSeries(series, out));
  writeQueues(state.queues, out);
  writeProcessing(state.processing, out);
  out.list(state.future.minutes.entries(), state.future.minutes.size, ([minute, points]) => {
    out.whole(minute);
    out.list(points, points.size, ([key, count]) => {
      out.whole(key);
      out.signed(count);
    });
  });
  writeGroups(state.groups, out);
}

export function readState(state: FoldState, from: ByteReader): void {
  readArena(state.arena, from);
  state.nextSeriesId = from.whole();
  state.listed = from.whole();
  from.each(() => readSeries(state, from));
  readQueues(state, from);
  readProcessing(state.processing, from);
  from.each(() => {
    const points = new Map<number, number>();
    state.future.minutes.set(from.whole(), points);
    from.each(() => points.set(from.whole(), from.signed()));
  });
  readGroups(state.groups, from);
}

function writeArena(arena: Arena, out: ByteWriter): void {
  out.whole(arena.used);
  const pages = arena.share();
  out.list(pages, pages.length, (page) => out.sharedBytes(page));
  for (const references of arena.free) out.words(Uint32Array.from(references));
}

function readArena(arena: Arena, from: ByteReader): void {
  const used = from.whole();
  from.each(() => {
    const page = from.bytes();
    if (page.length !== ARENA_PAGE_BYTES) throw new RangeError('A page is not as long as pages are.');
    arena.addPage(page, used);
  });
  for (const references of arena.free) for (const reference of from.words()) references.push(reference);
}

function writeSeries(series: Series, out: ByteWriter): void {
  out.whole(series.id);
  for (const count of series.present) out.signed(count);
  for (const count of series.ahead) out.signed(count);
  out.words(series.minutes.references);
  out.words(series.hours.references);
}

function readSeries(state: FoldState, from: ByteReader): void {
  const id = from.whole();
  const series = state.series.get(id) ?? new Series(id, state.arena);
  state.series.set(id, series);
  series.present.forEach((_, status) => (series.present[status] = from.signed()));
  series.ahead.forEach((_, status) => (series.ahead[status] = from.signed()));
  series.minutes.references.set(from.words());
  series.hours.references.set(from.words());
}

function writeRefusals(refusals: Refusals, out: ByteWriter): void {
  out.words(refusals.table ?? new Uint32Array(0));
}

function readRefusals(refusals: Refusals, from: ByteReader): void {
  const table = from.words();
  refusals.table = table.length === 0 ? null : table;
}

function writeQueues(queues: Queues, out: ByteWriter): void {
  out.whole(queues.refused);
  writeRefusals(queues.refusals, out);
  out.list(queues.entries.values(), queues.entries.size, (entry) => {
    out.text(entry.name);
    out.whole(entry.series.id);
    for (const count of entry.counts) out.signed(count);
    const waiting = entry.waiting?.counts;
    out.list(waiting?.entries() ?? [], waiting?.size ?? 0, ([since, count]) => {
      out.double(since);
      out.whole(count);
    });
    writeProcessing(entry.processing, out);
  });
}

function readQueues(state: FoldState, from: ByteReader): void {
  state.queues.refused = from.whole();
  readRefusals(state.queues.refusals, from);
  from.each(() => {
    const name = from.text();
    const series = state.series.get(from.whole());
    if (series === undefined) throw new RangeError('A queue has no series.');
    const entry = state.queues.insert(new QueueEntry(name, series, series !== state.others));
    entry.counts.forEach((_, status) => (entry.counts[status] = from.signed()));
    from.each(() => entry.openWaiting().counts.set(from.double(), from.whole()));
    readProcessing(entry, from);
  });
}

function writeProcessing(order: ProcessingOrder | null, out: ByteWriter): void {
  out.list(order?.places.keys() ?? [], order?.places.size ?? 0, ({ startedAt, key }) => {
    out.double(startedAt);
    out.text(key);
  });
}

function readProcessing(into: ProcessingOrder | QueueEntry, from: ByteReader): void {
  from.each(() => {
    const order = into instanceof QueueEntry ? into.openProcessing() : into;
    order.add({ startedAt: from.double(), key: from.text() });
  });
}

function writeGroups(groups: ErrorGroups, out: ByteWriter): void {
  writeRefusals(groups.refusals, out);
  out.list(groups.groups.values(), groups.groups.size, (group) => {
    out.text(group.fingerprint);
    out.text(group.category);
    out.text(group.message);
    out.whole(Number(group.isOther));
    out.whole(Number(group.closed));
    writeTally(group.all, out);
    out.list(group.byQueue, group.byQueue.size, ([name, tally]) => {
      out.text(name);
      writeTally(tally, out);
    });
  });
}

function readGroups(groups: ErrorGroups, from: ByteReader): void {
  readRefusals(groups.refusals, from);
  from.each(() => {
    const fingerprint = from.text();
    const category = from.text();
    if (!isErrorCategory(category)) throw new RangeError('A group has no category.');
    const group = groups.insert(new Group(fingerprint, category, from.text(), from.whole() === 1));
    group.closed = from.whole() === 1;
    readTally(group.all, from);
    from.each(() => {
      const tally = new Tally(QUEUE_SAMPLES);
      group.byQueue.set(from.text(), tally);
      groups.pairs += 1;
      readTally(tally, from);
    });
  });
}

function writeTally(tally: Tally, out: ByteWriter): void {
  writeCells(tally.hours, out);
  writeCells(tally.minutes, out);
  writeKept(tally.newest, out);
  writeKept(tally.oldest, out);
}

function readTally(tally: Tally, from: ByteReader): void {
  readCells(tally.hours, from);
  readCells(tally.minutes, from);
  readKept(tally.newest, from);
  readKept(tally.oldest, from);
}

function writeCells(cells: Cells, out: ByteWriter): void {
  out.words(cells.pairs.subarray(0, cells.length));
}

function readCells(cells: Cells, from: ByteReader): void {
  cells.restore(from.words());
}

function writeKept(few: KeptFew, out: ByteWriter): void {
  const passedOver = few.passedOver === null ? [] : [few.passedOver];
  for (const list of [few.entries, passedOver]) {
    out.list(list, list.length, ({ at, key }) => {
      out.whole(at);
      out.text(key);
    });
  }
}

function readKept(few: KeptFew, from: ByteReader): void {
  const read = (): Kept => ({ at: from.whole(), key: from.text() });
  from.each(() => few.entries.push(read()));
  from.each(() => (few.passedOver = read()));
}
