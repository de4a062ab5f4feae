import { NativeSelect, SegmentedControl, Skeleton } from '@mantine/core';
import { useCallback, useMemo, useState } from 'react';
import { useSearchParams } from 'wouter';

import type { Interval } from '../api/graphql.js';
import { useApiQuery, useLiveEvents } from '../api/hooks.js';
import { useThrottled } from '../api/use-throttled.js';
import { useBulk } from '../bulk/index.js';
import { RANGE_NAMES, RANGES, type Range } from '../charts/window.js';
import { EmptyState } from '../components/empty-state.js';
import { useMay } from '../api/caller.js';
import { ErrorNotice } from '../components/error-notice.js';
import { CloseIcon } from '../components/icons.js';
import { usePageTitle } from '../layout/page-title.js';
import type { TaskFilter } from '../routing/task-filter.js';
import { useNow } from '../time/time.js';
import { ERROR_GROUP_CHANGED, ERROR_GROUPS, type ErrorGroup } from './documents.js';
import styles from './errors.module.css';
import { GroupCard } from './group-card.js';
import { GROUP_SORT_LABELS, GROUP_SORTS, type GroupSort, isNew, sortGroups } from './groups.js';

const DEFAULT_RANGE: Range = '24h';
/** Width of a bar of the spark lines. */
const INTERVALS: Readonly<Record<Range, Interval>> = { '1h': 'MINUTE', '6h': 'FIVE_MINUTES', '24h': 'HOUR', '7d': 'HOUR', '30d': 'DAY' };
const MOST_GROUPS = 100;
const ASK_AGAIN_MS = 1_000;
const MINUTE_MS = 60_000;

/** The failures of a range of time by what went wrong, live; the queue, the range and the order are in the URL. */
export default function Errors() {
  usePageTitle('Errors');
  const [params, setParams] = useSearchParams();
  const queueName = params.get('queue');
  const range = RANGE_NAMES.find((name) => name === params.get('range')) ?? DEFAULT_RANGE;
  const sort = GROUP_SORTS.find((name) => name === params.get('sort')) ?? 'count';
  const [openedAt] = useState(() => Date.now());
  const now = useNow(MINUTE_MS);
  // The range moves with the clock, a minute at a time: five for the longer ones.
  const step = range === '1h' ? MINUTE_MS : 5 * MINUTE_MS;
  // Rounded up: the API refuses what lies further back than it remembers.
  const from = new Date(now - (now % step) + step - RANGES[range]).toISOString();
  const { data, error, refetch } = useApiQuery(ERROR_GROUPS, { queueName, from, first: MOST_GROUPS, interval: INTERVALS[range] });
  useLiveEvents(ERROR_GROUP_CHANGED, { queueName }, useThrottled(refetch, ASK_AGAIN_MS));
  const { ask } = useBulk();

  const set = (name: string, value: string | null) =>
    setParams((before) => {
      const next = new URLSearchParams(before);
      if (value === null) next.delete(name);
      else next.set(name, value);
      return next;
    });
  const filterOf = useCallback(
    (fingerprint: string, failedAfter: string): TaskFilter => ({ fingerprint, failedAfter, ...(queueName === null ? {} : { queueName: [queueName] }) }),
    [queueName],
  );
  const groups = useMemo(() => (data ? sortGroups(data.errorGroups, sort) : null), [data, sort]);
  const most = Math.max(1, ...(groups ?? []).map(({ count }) => count));
  const mayRetry = useMay('OPERATE');
  const onRetry = useCallback(({ fingerprint }: ErrorGroup) => ask({ action: 'RETRY', filter: filterOf(fingerprint, from) }), [ask, filterOf, from]);

  return (
    <>
      <div className={styles['title']}>
        <h1>Errors</h1>
        {queueName !== null && (
          <span className={styles['queue']}>
            <span title={queueName}>
              Queue <strong>{queueName}</strong>
            </span>
            <button type="button" aria-label={`Remove: queue ${queueName}`} onClick={() => set('queue', null)}>
              <CloseIcon size={12} />
            </button>
          </span>
        )}
        <div className={styles['tools']}>
          <SegmentedControl
            size="xs"
            aria-label="Range"
            data={[...RANGE_NAMES]}
            value={range}
            onChange={(value) => set('range', value === DEFAULT_RANGE ? null : value)}
          />
          <NativeSelect
            size="xs"
            aria-label="Order"
            value={sort}
            onChange={(event) => set('sort', event.currentTarget.value === 'count' ? null : event.currentTarget.value)}
            data={GROUP_SORTS.map((value: GroupSort) => ({ value, label: GROUP_SORT_LABELS[value] }))}
          />
        </div>
      </div>
      {error && <ErrorNotice title="The errors could not be read" error={error} onRetry={refetch} />}
      {groups === null && error === null && <Skeleton height={360} />}
      {groups?.length === 0 && (
        <EmptyState title="No failure in this range">Failures appear here as they happen, those with the same cause as one.</EmptyState>
      )}
      {groups !== null && groups.length > 0 && (
        <div className={styles['groups']}>
          {groups.map((group) => (
            <GroupCard
              key={group.fingerprint}
              group={group}
              range={`Last ${range}`}
              fresh={isNew(group, now, openedAt)}
              share={group.count / most}
              filter={filterOf(group.fingerprint, from)}
              onRetry={mayRetry ? onRetry : null}
            />
          ))}
        </div>
      )}
      {groups !== null && groups.length >= MOST_GROUPS && <p className={styles['more']}>The {MOST_GROUPS} most frequent are shown.</p>}
    </>
  );
}
