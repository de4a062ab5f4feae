import { Button, SegmentedControl } from '@mantine/core';
import { useCallback } from 'react';
import { Link, useSearchParams } from 'wouter';

import { DEFAULT_RANGE, parseRange, parseZoom, type Range, RANGE_NAMES, writeZoom, type Zoom } from '../charts/window.js';
import { CopyButton } from '../components/copy-button.js';
import { EmptyState } from '../components/empty-state.js';
import { ErrorNotice } from '../components/error-notice.js';
import { usePageTitle } from '../layout/page-title.js';
import { paths } from '../routing/paths.js';
import { formatInstant } from '../time/format.js';
import { useZone } from '../time/time.js';
import { QueueCharts } from './charts.js';
import { QueueErrors } from './errors.js';
import { LatestTasks } from './latest-tasks.js';
import { QueuePresent } from './present.js';
import styles from './queue.module.css';
import { useQueue, useTimeWindow } from './use-queue.js';

/** One queue: its present, its past in charts, its failures, its tasks. The range and the zoom are in the URL. */
export default function QueuePage({ name }: { readonly name: string }) {
  usePageTitle(name);
  const { counts, queue, error, refetch } = useQueue(name);
  const [params, setParams] = useSearchParams();
  const [zone] = useZone();
  const range = parseRange(params.get('range'));
  const zoom = parseZoom(params.get('zoom'));
  const window = useTimeWindow(range, zoom);

  const set = useCallback(
    (changes: Readonly<Record<string, string | null>>) =>
      setParams((before) => {
        const next = new URLSearchParams(before);
        for (const [key, value] of Object.entries(changes)) {
          if (value === null) next.delete(key);
          else next.set(key, value);
        }
        return next;
      }),
    [setParams],
  );
  const setRange = (next: Range) => set({ range: next === DEFAULT_RANGE ? null : next, zoom: null });
  const setZoom = useCallback((next: Zoom | null) => set({ zoom: writeZoom(next) }), [set]);

  return (
    <>
      <nav aria-label="Path" className={styles['path']}>
        <Link href={paths.overview()}>Overview</Link> <span aria-hidden="true">/</span>
      </nav>
      <div className={styles['title']}>
        <h1 title={name}>{name}</h1>
        <CopyButton text={name} of="the name" />
      </div>
      {error && <ErrorNotice title="The queue could not be read" error={error} onRetry={refetch} />}
      {queue === null && (counts?.total ?? 0) === 0 ? (
        <EmptyState title="No execution names this queue">
          It may have held some before: a queue is there as long as there is an execution in it. <Link href={paths.overview()}>See all queues</Link>.
        </EmptyState>
      ) : (
        <>
          <QueuePresent name={name} counts={counts} oldestQueuedAt={queue?.oldestQueuedAt ?? null} stuckCount={queue?.stuckCount ?? 0} />
          <div className={styles['toolbar']}>
            <SegmentedControl
              size="xs"
              aria-label="Range of the charts"
              data={[...RANGE_NAMES]}
              value={zoom === null ? range : ''}
              onChange={(value) => setRange(parseRange(value))}
            />
            {zoom !== null && (
              <>
                <span className={styles['span']}>
                  {short(formatInstant(window.from, zone))} – {short(formatInstant(window.to, zone))}
                </span>
                <Button size="compact-xs" variant="light" onClick={() => setZoom(null)}>
                  Reset zoom
                </Button>
              </>
            )}
            <span className={styles['hint']}>Drag over a chart to zoom</span>
          </div>
          <QueueCharts name={name} window={window} present={counts} onZoom={setZoom} />
          <QueueErrors name={name} from={window.from} />
          <LatestTasks name={name} />
        </>
      )}
    </>
  );
}

/** Without seconds and milliseconds. */
function short(instant: string): string {
  return instant.replace(/:\d\d\.\d+/, '');
}
