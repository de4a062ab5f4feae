import 'uplot/dist/uPlot.min.css';

import { ActionIcon, useComputedColorScheme } from '@mantine/core';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';

import { ChartIcon, TableIcon } from '../components/icons.js';
import { formatDay, formatInstant, formatMinute, type Zone } from '../time/format.js';
import { useZone } from '../time/time.js';
import { ChartTable } from './chart-table.js';
import { createPlot } from './plot.js';
import type { Series } from './series.js';
import styles from './time-chart.module.css';
import type { Zoom } from './window.js';

export interface TimeChartProps {
  readonly title: string;
  /** What it shows, in a sentence: for those who do not see it. */
  readonly summary: string;
  /** Starts of the buckets, ms since the epoch, ascending. */
  readonly times: readonly number[];
  readonly widthMs: number;
  readonly series: readonly Series[];
  /** The part of time that is shown. */
  readonly span: Zoom;
  readonly formatValue: (value: number) => string;
  /** Shorter, for the axis. Default: `formatValue`. */
  readonly formatAxis?: (value: number) => string;
  /** Charts with the same key share their cursor. */
  readonly syncKey: string;
  readonly onZoom: (zoom: Zoom) => void;
  /** Beside the title. */
  readonly children?: ReactNode;
  readonly height?: number;
}

/** A time as an axis has room for: the hour within a day, else the day. */
function tickText(at: number, zone: Zone, spanMs: number): string {
  const minute = formatMinute(at, zone);
  if (spanMs <= 36 * 3_600_000) return minute;
  return minute === '00:00' || spanMs > 4 * 86_400_000 ? formatDay(at, zone) : minute;
}

/** A chart over time. Drag over it to zoom; a button shows its figures as a table. */
export function TimeChart(props: TimeChartProps) {
  const { title, summary, times, widthMs, series, span, formatValue, formatAxis = formatValue, syncKey, onZoom, children, height = 200 } = props;
  const scheme = useComputedColorScheme('light');
  const [zone] = useZone();
  const [asTable, setAsTable] = useState(false);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [hovered, setHovered] = useState<number | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<ReturnType<typeof createPlot>>(null);
  const zoomed = useRef(onZoom);
  const titleId = useId();
  const shown = series.filter(({ key, hidden = false }) => hidden === toggled.has(key));
  // A plot is made anew when what it is made of changes; figures are only put into it.
  const shape = JSON.stringify([scheme, zone, widthMs, span.to - span.from, shown.map(({ key, kind, color }) => [key, kind, color])]);

  useEffect(() => {
    zoomed.current = onZoom;
  });
  useEffect(() => {
    const element = place.current;
    if (element === null || asTable) return undefined;
    const made = createPlot(element, {
      series: shown,
      height,
      widthMs,
      syncKey,
      formatAxis,
      formatTick: (at) => tickText(at, zone, span.to - span.from),
      onHover: setHovered,
      onZoom: (zoom) => zoomed.current(zoom),
    });
    made.update(times, shown, span);
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = null;
    };
    // Figures are put in below: `shape` stands for all else that is used.
  }, [shape, asTable, height, syncKey]);
  useEffect(() => {
    plot.current?.update(times, shown, span);
  });

  const toggle = (key: string) =>
    setToggled((before) => {
      const next = new Set(before);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  const at = hovered === null ? undefined : times[hovered];
  return (
    <section className={styles['chart']} aria-labelledby={titleId}>
      <header className={styles['head']}>
        <h2 id={titleId}>{title}</h2>
        {children}
        <span className={styles['at']}>{at !== undefined && formatInstant(at, zone).replace(/:\d\d\.\d+/, '')}</span>
        <ActionIcon
          variant="subtle"
          color="gray"
          c="var(--tt-dim)"
          size="sm"
          aria-pressed={asTable}
          aria-label={`${title} as a table`}
          title={asTable ? 'Show the chart' : 'Show the figures as a table'}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? <ChartIcon size={15} /> : <TableIcon size={15} />}
        </ActionIcon>
      </header>
      {asTable ? (
        <ChartTable title={title} times={times} series={series} formatValue={formatValue} height={height + 28} />
      ) : (
        <>
          <ul className={styles['legend']} aria-label={`Series of ${title}`}>
            {series.map(({ key, label, color, values, hidden = false }) => {
              const on = hidden === toggled.has(key);
              const value = hovered === null || !on ? undefined : values[hovered];
              return (
                <li key={key}>
                  <button type="button" aria-pressed={on} onClick={() => toggle(key)} title={on ? `Hide ${label}` : `Show ${label}`}>
                    <svg width="10" height="10" aria-hidden="true">
                      <rect width="10" height="10" rx="3" style={{ fill: on ? `var(${color})` : 'var(--tt-border)' }} />
                    </svg>
                    {label}
                    <b>{value === null || value === undefined ? '' : formatValue(value)}</b>
                  </button>
                </li>
              );
            })}
          </ul>
          <div ref={place} className={styles['plot']} role="img" aria-label={summary} style={{ minHeight: height }} />
        </>
      )}
    </section>
  );
}

