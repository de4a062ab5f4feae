import { SegmentedControl, Skeleton } from '@mantine/core';
import { useMemo, useState } from 'react';

import { ErrorNotice } from '../components/error-notice.js';
import { INTERVAL_MS } from '../charts/throughput.js';
import { TimeChart } from '../charts/time-chart.js';
import type { TimeWindow, Zoom } from '../charts/window.js';
import { formatCount, formatDuration, formatShortCount } from '../time/format.js';
import styles from './queue.module.css';
import { type DepthNow, depthSeries, latencySeries, peakOf, throughputSeries, totalOf } from './series.js';
import { useQueueSeries } from './use-queue.js';

interface QueueChartsProps {
  readonly name: string;
  readonly window: TimeWindow;
  /** The counts of this moment: the end of the depths of a window that ends now. */
  readonly present: DepthNow | null;
  readonly onZoom: (zoom: Zoom) => void;
}

const EACH = { MINUTE: 'per minute', FIVE_MINUTES: 'per 5 minutes', HOUR: 'per hour', DAY: 'per day' } as const;

/** Throughput, latency and depth over the same window, with one cursor. */
export function QueueCharts({ name, window, present, onZoom }: QueueChartsProps) {
  const { buckets, history, error, refetch } = useQueueSeries(name, window);
  const [which, setWhich] = useState<'run' | 'wait'>('run');
  const throughput = useMemo(() => throughputSeries(buckets ?? []), [buckets]);
  const latency = useMemo(() => latencySeries(buckets ?? [], which), [buckets, which]);
  const now = window.live ? present : null;
  const depth = useMemo(() => depthSeries(history ?? [], now, window), [history, now, window]);

  if (error !== null && buckets === null) return <ErrorNotice title="The past of the queue could not be read" error={error} onRetry={refetch} />;
  if (buckets === null) {
    return (
      <div className={styles['charts']} aria-hidden="true">
        <Skeleton height={286} className={styles['whole']} />
        <Skeleton height={266} />
        <Skeleton height={266} />
      </div>
    );
  }
  const shared = { widthMs: INTERVAL_MS[window.interval], span: window, syncKey: name, onZoom };
  const [completed, failed, dead] = throughput.series.map(({ values }) => totalOf(values));
  const peaks = latency.series.map(({ label, values }) => `${label} at most ${formatDuration(peakOf(values))}`).join(', ');
  return (
    <div className={styles['charts']}>
      <div className={styles['whole']}>
        <TimeChart
          {...shared}
          {...throughput}
          title="Throughput"
          summary={`Throughput ${EACH[window.interval]}: ${formatCount(completed ?? 0)} completed, ${formatCount(failed ?? 0)} failed, ${formatCount(dead ?? 0)} became dead letters`}
          formatValue={formatCount}
          formatAxis={formatShortCount}
          height={210}
        >
          <span className={styles['each']}>{EACH[window.interval]}</span>
        </TimeChart>
      </div>
      <TimeChart {...shared} {...latency} title="Latency" summary={`Latency of the ${which === 'run' ? 'runs' : 'waits'}: ${peaks}`} formatValue={formatDuration} height={190}>
        <SegmentedControl
          size="xs"
          aria-label="Which latency"
          data={[
            { value: 'run', label: 'Run' },
            { value: 'wait', label: 'Wait' },
          ]}
          value={which}
          onChange={(value) => setWhich(value === 'wait' ? 'wait' : 'run')}
        />
      </TimeChart>
      <TimeChart
        {...shared}
        {...depth}
        title="Depth"
        summary={`How many stood in the queue: ${depth.series.map(({ label, values }) => `${label} at most ${formatCount(peakOf(values) ?? 0)}`).join(', ')}`}
        formatValue={formatCount}
        formatAxis={formatShortCount}
        height={190}
      />
    </div>
  );
}
