/** As much of a group of errors as decides its place. */
export interface Group {
  readonly fingerprint: string;
  readonly count: number;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
}

export const GROUP_SORTS = ['count', 'lastSeen', 'firstSeen'] as const;
export type GroupSort = (typeof GROUP_SORTS)[number];

export const GROUP_SORT_LABELS: Readonly<Record<GroupSort, string>> = {
  count: 'Most frequent',
  lastSeen: 'Last seen',
  firstSeen: 'Newest',
};

const COMPARE: Readonly<Record<GroupSort, (a: Group, b: Group) => number>> = {
  count: (a, b) => b.count - a.count,
  lastSeen: (a, b) => Date.parse(b.lastSeenAt) - Date.parse(a.lastSeenAt),
  firstSeen: (a, b) => Date.parse(b.firstSeenAt) - Date.parse(a.firstSeenAt),
};

/** Equal ones by fingerprint, so that rows do not change places for nothing. */
export function sortGroups<G extends Group>(groups: readonly G[], sort: GroupSort): readonly G[] {
  return [...groups].sort((a, b) => COMPARE[sort](a, b) || (a.fingerprint < b.fingerprint ? -1 : 1));
}

/** How long a group counts as new after it was first seen. */
const NEW_MS = 3_600_000;

/** New: never seen before within the last hour, or since the page was opened. */
export function isNew({ firstSeenAt }: Group, now: number, openedAt: number): boolean {
  return Date.parse(firstSeenAt) >= Math.min(openedAt, now - NEW_MS);
}

/** What the API calls all kinds beyond those that it tells apart: its fingerprint finds nothing. */
export const OTHER_ERRORS = '(other errors)';
