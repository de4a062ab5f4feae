import { memo, type ReactNode } from 'react';

import { formatCount } from '../time/format.js';
import styles from './sparkline.module.css';
import type { Minute } from './throughput.js';

export interface SparklineProps {
  readonly minutes: readonly Minute[] | null;
  readonly height?: number;
}

/** A bar for each column, from `lower` up to `upper`, of a chart that ends at `top`. */
function bars<Column>(columns: readonly Column[], top: number, height: number, heights: (column: Column) => readonly [number, number]): string {
  let path = '';
  columns.forEach((column, index) => {
    const [lower, upper] = heights(column);
    if (upper === lower) return;
    const y = (value: number): number => Math.round((height - (value / top) * height) * 10) / 10;
    // What is there is seen, however little it is.
    const from = y(lower);
    const to = Math.min(y(upper), from - 1);
    path += `M${index * 2} ${from}V${to}H${index * 2 + 1.5}V${from}Z`;
  });
  return path;
}

interface BarsProps {
  readonly columns: number;
  readonly height: number;
  readonly label: string;
  readonly children: ReactNode;
}

function Bars({ columns, height, label, children }: BarsProps) {
  return (
    <svg className={styles['sparkline']} viewBox={`0 0 ${columns * 2} ${height}`} preserveAspectRatio="none" height={height} role="img" aria-label={label}>
      <title>{label}</title>
      <path className={styles['ground']} d={`M0 ${height - 0.5}H${columns * 2}`} />
      {children}
    </svg>
  );
}

/** What ended in each of the last 60 minutes: completed, and failed upon it. */
export const Sparkline = memo(function Sparkline({ minutes, height = 28 }: SparklineProps) {
  if (minutes === null) return <span className={styles['waiting']} aria-hidden="true" />;
  const completed = minutes.reduce((sum, minute) => sum + minute.completed, 0);
  const failed = minutes.reduce((sum, minute) => sum + minute.failed, 0);
  const top = Math.max(4, ...minutes.map((minute) => minute.completed + minute.failed));
  const label = `Last ${minutes.length} minutes: ${formatCount(completed)} completed, ${formatCount(failed)} failed`;
  return (
    <Bars columns={minutes.length} height={height} label={label}>
      <path className={styles['completed']} d={bars(minutes, top, height, (minute) => [0, minute.completed])} />
      <path className={styles['failed']} d={bars(minutes, top, height, (minute) => [minute.completed, minute.completed + minute.failed])} />
    </Bars>
  );
});

const FAILURES_HEIGHT = 22;

/** How often something failed in each interval of a range, the oldest first. */
export const FailureSparkline = memo(function FailureSparkline({ counts, range }: { readonly counts: readonly number[]; readonly range: string }) {
  const most = Math.max(0, ...counts);
  const label = `${range}, in ${formatCount(counts.length)} intervals: at most ${formatCount(most)} failures in one`;
  return (
    <Bars columns={counts.length} height={FAILURES_HEIGHT} label={label}>
      <path className={styles['failed']} d={bars(counts, Math.max(4, most), FAILURES_HEIGHT, (count) => [0, count])} />
    </Bars>
  );
});
