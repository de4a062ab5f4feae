import { describe, expect, it } from 'vitest';

import { isNew, sortGroups } from '../../../dashboard/src/errors/groups.js';

const NOW = Date.UTC(2026, 0, 31, 12);
const group = (fingerprint: string, count: number, firstAgo: number, lastAgo: number) => ({
  fingerprint,
  count,
  firstSeenAt: new Date(NOW - firstAgo).toISOString(),
  lastSeenAt: new Date(NOW - lastAgo).toISOString(),
});

describe('groups of errors', () => {
  const groups = [group('b', 5, 9_000, 8_000), group('a', 5, 7_000, 1_000), group('c', 9, 8_000, 3_000)];
  it('stand in the order that was asked for; equals keep their places', () => {
    const order = (sort: Parameters<typeof sortGroups>[1]) => sortGroups(groups, sort).map(({ fingerprint }) => fingerprint).join('');
    expect(order('count')).toBe('cab');
    expect(order('lastSeen')).toBe('acb');
    expect(order('firstSeen')).toBe('acb');
  });

  it('are new for an hour, and for as long as the page is open that saw them come', () => {
    const hour = 3_600_000;
    expect(isNew(group('a', 1, hour / 2, 0), NOW, NOW)).toBe(true);
    expect(isNew(group('a', 1, 2 * hour, 0), NOW, NOW)).toBe(false);
    expect(isNew(group('a', 1, 2 * hour, 0), NOW, NOW - 3 * hour)).toBe(true);
  });
});
