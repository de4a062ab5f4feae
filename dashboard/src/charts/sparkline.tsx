import { memo } from 'react';

import { formatCount } from '../time/format.js';
import styles from './sparkline.module.css';
import type { Minute } from './throughput.js';

export interface SparklineProps {
  readonly minutes: readonly Minute[] | null;
  readonly height?: number;
}

/** Bars of one column: from the bottom up to `upper`, standing on `lower`. */
function bars(minutes: readonly Minute[], top: number, height: number, heights: (minute: Minute) => readonly [number, number]): string {
  let path = '';
  minutes.forEach((minute, index) => {
    const [lower, upper] = heights(minute);
    if (upper === lower) return;
    const y = (value: number): number => Math.round((height - (value / top) * height) * 10) / 10;
    // What is there is seen, however little it is.
    const from = y(lower);
    const to = Math.min(y(upper), from - 1);
    path += `M${index * 2} ${from}V${to}H${index * 2 + 1.5}V${from}Z`;
  });
  return path;
}

/** What ended in each of the last 60 minutes: completed, and failed upon it. */
export const Sparkline = memo(function Sparkline({ minutes, height = 28 }: SparklineProps) {
  if (minutes === null) return <span className={styles['waiting']} aria-hidden="true" />;
  const completed = minutes.reduce((sum, minute) => sum + minute.completed, 0);
  const failed = minutes.reduce((sum, minute) => sum + minute.failed, 0);
  const top = Math.max(4, ...minutes.map((minute) => minute.completed + minute.failed));
  const label = `Last ${minutes.length} minutes: ${formatCount(completed)} completed, ${formatCount(failed)} failed`;
  return (
    <svg className={styles['sparkline']} viewBox={`0 0 ${minutes.length * 2} ${height}`} preserveAspectRatio="none" height={height} role="img" aria-label={label}>
      <title>{label}</title>
      <path className={styles['ground']} d={`M0 ${height - 0.5}H${minutes.length * 2}`} />
      <path className={styles['completed']} d={bars(minutes, top, height, (minute) => [0, minute.completed])} />
      <path className={styles['failed']} d={bars(minutes, top, height, (minute) => [minute.completed, minute.completed + minute.failed])} />
    </svg>
  );
});
