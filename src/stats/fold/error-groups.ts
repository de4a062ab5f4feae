import { ErrorCategory } from '../../model/error-category.js';
import { fingerprintOf, otherFingerprintOf } from '../../model/fingerprint/fingerprint.js';
import type { ErrorGroup, FailureCount } from '../types.js';
import type { Contribution, Failure } from './contribution.js';
import { documentIdOf, documentKey } from './document-key.js';
import type { Kept } from './kept.js';
import { MergedTally, type TallyReading } from './merged-tally.js';
import { Refusals } from './refusals.js';
import { type BucketRange, failureCounts, GROUP_SAMPLES, QUEUE_SAMPLES, Tally } from './tally.js';
import { type CountedFailure, OTHER_QUEUES, type QueueSelection } from './types.js';
import { DAY_MS, HOUR_MS, mixedRange, type MixedRange, type Windows } from './windows.js';

/** A failure is of a new kind where none of its fingerprint was in the days before it. */
const NEW_AFTER_MS = 7 * DAY_MS;

/** Groups times the queues in which they occur: beyond this, a group counts further queues as OTHER_QUEUES. */
const MAX_GROUP_QUEUES = 100_000;

const GROUP_BYTES = 1_500;

export class Group {
  readonly all = new Tally(GROUP_SAMPLES);
  readonly byQueue = new Map<string, Tally>();
  /** Queues were counted as OTHER_QUEUES for want of room: none gets a tally of its own before those have left. */
  closed = false;

  constructor(
    readonly fingerprint: string,
    readonly category: ErrorCategory,
    readonly message: string,
    /** It stands for all that have no group of their own. */
    readonly isOther: boolean,
  ) {}
}

/** A failure, and under which names of queues it is counted: OTHER_QUEUES for those without buckets of their own. */
export interface PlacedFailure {
  readonly failure: Failure;
  readonly documentId: unknown;
  readonly queueNames: readonly string[];
}

export function sameFailure(a: Contribution, b: Contribution): boolean {
  const [one, other] = [a.failure, b.failure];
  if (one === null || other === null) return one === other;
  return (
    one.at === other.at &&
    one.category === other.category &&
    one.message === other.message &&
    a.queueNames.length === b.queueNames.length &&
    a.queueNames.every((name, index) => name === b.queueNames[index])
  );
}

/** Failures by category and normalised message. A group lives as long as a failure of it lies within the 30 days. */
export class ErrorGroups {
  readonly groups = new Map<string, Group>();
  /** The newest hour of failures that were counted in a group of others, by fingerprint: 0 for none. */
  readonly refusals = new Refusals();
  /** Tallies by group and queue. */
  pairs = 0;
  owners = 0;

  constructor(
    readonly maxGroups: number,
    readonly maxPairs = MAX_GROUP_QUEUES,
  ) {}

  /** Takes one failure back and counts the other. @returns the other as news, where it is another failure than the first */
  change(before: PlacedFailure | null, after: PlacedFailure | null, windows: Windows): Omit<CountedFailure, 'queueName'> | null {
    const windowStart = windows.firstHour * HOUR_MS;
    const removed = before !== null && before.failure.at >= windowStart ? before : null;
    const added = after !== null && after.failure.at >= windowStart ? after : null;
    const addedKind = added && fingerprintOf(added.failure.category, added.failure.message);
    const removedKind = removed && fingerprintOf(removed.failure.category, removed.failure.message);
    const isNews = addedKind !== null && !(addedKind.fingerprint === removedKind?.fingerprint && added?.failure.at === removed?.failure.at);

    // Before anything is taken back: an earlier failure of the same document was seen as well.
    const seen = isNews && added !== null && this.#hasRecent(addedKind.fingerprint, added);
    if (removed !== null && removedKind !== null) this.#remove(this.#groupOf(removedKind.fingerprint, removed.failure.category), removed, windows);
    if (added === null || addedKind === null) return null;
    const group = this.#admit(addedKind, added.failure, windows);
    this.#add(group, added, windows);
    return isNews ? { fingerprint: group.fingerprint, isNew: !seen } : null;
  }

  #groupOf(fingerprint: string, category: ErrorCategory | null): Group | undefined {
    return this.groups.get(fingerprint) ?? this.groups.get(otherFingerprintOf(category).fingerprint);
  }

  #hasRecent(fingerprint: string, { failure }: PlacedFailure): boolean {
    return this.#groupOf(fingerprint, failure.category)?.all.hasWithin(failure.at - NEW_AFTER_MS, failure.at) ?? false;
  }

  #admit(kind: { fingerprint: string; message: string }, failure: Failure, windows: Windows): Group {
    const category = failure.category ?? ErrorCategory.UNKNOWN;
    const found = this.groups.get(kind.fingerprint);
    if (found !== undefined) return found;
    if (this.owners < this.maxGroups && this.refusals.get(kind.fingerprint) < windows.firstHour) {
      return this.insert(new Group(kind.fingerprint, category, kind.message, false));
    }
    this.refusals.set(kind.fingerprint, Math.max(this.refusals.get(kind.fingerprint), Math.floor(failure.at / HOUR_MS)));
    const other = otherFingerprintOf(category);
    return this.groups.get(other.fingerprint) ?? this.insert(new Group(other.fingerprint, category, other.message, true));
  }

  insert(group: Group): Group {
    if (!group.isOther) this.owners += 1;
    this.groups.set(group.fingerprint, group);
    return group;
  }

  #add(group: Group, { failure, documentId, queueNames }: PlacedFailure, windows: Windows): void {
    const kept = { at: failure.at, key: documentKey(documentId) };
    group.all.add(kept, windows);
    for (const name of new Set(queueNames.map((queueName) => this.#labelFor(group, queueName)))) {
      let tally = group.byQueue.get(name);
      if (tally === undefined) {
        tally = new Tally(QUEUE_SAMPLES);
        group.byQueue.set(name, tally);
        this.pairs += 1;
      }
      tally.add(kept, windows);
    }
  }

  #labelFor(group: Group, queueName: string): string {
    if (queueName === OTHER_QUEUES || group.byQueue.has(queueName)) return queueName;
    if (this.pairs >= this.maxPairs) group.closed = true;
    return group.closed ? OTHER_QUEUES : queueName;
  }

  #remove(group: Group | undefined, { failure, documentId, queueNames }: PlacedFailure, windows: Windows): void {
    if (group === undefined) return;
    const kept = { at: failure.at, key: documentKey(documentId) };
    group.all.remove(kept, windows);
    for (const name of new Set(queueNames.map((queueName) => (group.byQueue.has(queueName) ? queueName : OTHER_QUEUES)))) {
      group.byQueue.get(name)?.remove(kept, windows);
    }
    this.#dropEmpty(group);
  }

  #dropEmpty(group: Group): void {
    for (const [name, tally] of group.byQueue) {
      if (!tally.empty) continue;
      group.byQueue.delete(name);
      this.pairs -= 1;
      if (name === OTHER_QUEUES) group.closed = false;
    }
    if (!group.all.empty) return;
    this.groups.delete(group.fingerprint);
    if (!group.isOther) this.owners -= 1;
  }

  /** Lets go of what has left the windows. */
  trim(windows: Windows): void {
    for (const group of this.groups.values()) {
      group.all.trim(windows);
      for (const tally of group.byQueue.values()) tally.trim(windows);
      this.#dropEmpty(group);
    }
  }

  /** Bytes by a rough count. */
  get size(): number {
    let size = this.groups.size * GROUP_BYTES;
    for (const group of this.groups.values()) {
      size += group.all.size;
      for (const tally of group.byQueue.values()) size += tally.size;
    }
    return size;
  }

  /** False once failures of queues were counted together for want of room. */
  get tellsQueuesApart(): boolean {
    for (const group of this.groups.values()) if (group.closed) return false;
    return true;
  }

  failedLately(fingerprint: string, selection: QueueSelection, but: Kept): boolean {
    const group = this.groups.get(fingerprint);
    return group !== undefined && talliesOf(group, selection).some((tally) => tally.hasWithin(but.at - NEW_AFTER_MS, but.at, but));
  }

  list(queueName: QueueSelection, from: number, to: number, windows: Windows): readonly ErrorGroup[] {
    const range = mixedRange(windows, from, to);
    const found: ErrorGroup[] = [];
    for (const group of this.groups.values()) {
      const read = readGroup(group, queueName, range);
      if (read !== null) found.push(read);
    }
    return found;
  }

  series(fingerprint: string, queueName: QueueSelection, range: BucketRange, windows: Windows): readonly FailureCount[] {
    const group = this.groups.get(fingerprint);
    return failureCounts(group && tallyOf(group, queueName), range, windows);
  }

  read(fingerprint: string, queueName: QueueSelection, windows: Windows): ErrorGroup | null {
    const group = this.groups.get(fingerprint);
    return group === undefined ? null : readGroup(group, queueName, mixedRange(windows, 0, Infinity));
  }
}

function talliesOf(group: Group, selection: QueueSelection): readonly Tally[] {
  if (selection === null) return [group.all];
  if (typeof selection === 'string') return group.byQueue.has(selection) ? [group.byQueue.get(selection) as Tally] : [];
  return [...group.byQueue].flatMap(([name, tally]) => (selection.has(name) ? [tally] : []));
}

function tallyOf(group: Group, selection: QueueSelection): TallyReading | undefined {
  const tallies = talliesOf(group, selection);
  return tallies.length > 1 ? new MergedTally(tallies) : tallies[0];
}

function readGroup(group: Group, selection: QueueSelection, range: MixedRange): ErrorGroup | null {
  const tally = tallyOf(group, selection);
  const count = tally?.count(range) ?? 0;
  if (tally === undefined || count === 0) return null;
  const keys = tally.sampleKeys(range.from, range.to);
  const queueName = typeof selection === 'string' ? selection : null;
  const isSelected = (name: string): boolean => selection === null || (typeof selection !== 'string' && selection.has(name));
  const names = queueName === null ? [...group.byQueue].filter(([name, counted]) => isSelected(name) && counted.count(range) > 0).map(([name]) => name) : [queueName];
  return {
    fingerprint: group.fingerprint,
    queueName,
    category: group.category,
    message: group.message,
    // Of thousands of groups few are looked at.
    get sampleIds() {
      return keys.map(documentIdOf);
    },
    count,
    queueNames: names.sort(),
    firstSeenAt: new Date(tally.firstSeenAt),
    lastSeenAt: new Date(tally.lastSeenAt),
  };
}
