import './usable-language.js';

import uPlot from 'uplot';

import { type Series, stack, ticksBetween } from './series.js';
import type { Zoom } from './window.js';

export interface PlotOptions {
  readonly series: readonly Series[];
  readonly height: number;
  readonly widthMs: number;
  readonly syncKey: string;
  readonly formatAxis: (value: number) => string;
  readonly formatTick: (at: number) => string;
  /** Which bucket the cursor is over; null when it has left. */
  readonly onHover: (index: number | null) => void;
  readonly onZoom: (zoom: Zoom) => void;
}

export interface Plot {
  update(times: readonly number[], series: readonly Series[], span: Zoom): void;
  destroy(): void;
}

const AXIS_FONT = '11px ui-sans-serif, system-ui, sans-serif';
/** A drag that is shorter than this is a click, in pixels. */
const LEAST_DRAG_PX = 5;

/** uPlot in an element, with the colours that hold there now. uPlot counts in seconds. */
export function createPlot(element: HTMLElement, options: PlotOptions): Plot {
  const css = getComputedStyle(element);
  const color = (name: string): string => css.getPropertyValue(name).trim();
  const { bars, linear, stepped } = uPlot.paths;
  const { order } = stack(options.series);
  let span: Zoom = { from: 0, to: 1 };
  let buckets = 0;

  const drawn = ({ kind, color: name, label }: Series): uPlot.Series => {
    const stroke = color(name);
    const common = { label, points: { show: false } };
    if (kind === 'bar') return { ...common, fill: stroke, stroke, width: 0, ...pathsOf(bars?.({ size: [0.82, 40], align: 1 })) };
    if (kind === 'area') return { ...common, fill: `color-mix(in srgb, ${stroke} 70%, transparent)`, stroke, width: 1, ...pathsOf(stepped?.({ align: 1 })) };
    if (kind === 'step') return { ...common, stroke, width: 1.5, ...pathsOf(stepped?.({ align: 1 })) };
    // A bucket between two without a figure is a point, for there is no line to it.
    return { label, stroke, width: 1.75, ...pathsOf(linear?.()), points: { size: 4, fill: stroke, stroke, filter: lonelyPoints } };
  };

  const axis = { stroke: color('--tt-dim'), font: AXIS_FONT, ticks: { show: false }, grid: { stroke: color('--tt-grid'), width: 1 } };
  const plot = new uPlot(
    {
      width: Math.max(120, element.clientWidth),
      height: options.height,
      legend: { show: false },
      padding: [8, 8, 0, 0],
      cursor: {
        sync: { key: options.syncKey },
        drag: { x: true, y: false, setScale: false },
        points: { show: false },
        y: false,
      },
      select: { show: true, left: 0, top: 0, width: 0, height: 0 },
      scales: {
        x: { time: false, range: () => [span.from / 1_000, span.to / 1_000] },
        y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.08 : 1] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          splits: (_plot, _axis, min, max) => ticksBetween(min * 1_000, max * 1_000, element.clientWidth).map((at) => at / 1_000),
          values: (_plot, splits) => splits.map((at) => options.formatTick(at * 1_000)),
          size: 26,
          gap: 4,
        },
        { ...axis, size: 52, gap: 6, space: 36, values: (_plot, splits) => splits.map((value) => (Number.isInteger(value) || value < 1 ? options.formatAxis(value) : '')) },
      ],
      series: [{}, ...order.map(drawn)],
      hooks: {
        setCursor: [
          ({ cursor: { idx, left } }) => {
            const inside = idx !== null && idx !== undefined && left !== undefined && left >= 0;
            // The end of the last bucket is a point of its own.
            options.onHover(inside ? Math.min(idx, buckets - 1) : null);
          },
        ],
        setSelect: [
          (made) => {
            const { left, width } = made.select;
            if (width < LEAST_DRAG_PX) return;
            const zoom = { from: made.posToVal(left, 'x') * 1_000, to: made.posToVal(left + width, 'x') * 1_000 };
            made.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            // At least two buckets, or there is nothing to see.
            if (zoom.to - zoom.from >= 60_000) options.onZoom(zoom);
          },
        ],
      },
    },
    [[], ...order.map(() => [])] as unknown as uPlot.AlignedData,
    element,
  );

  const observer = new ResizeObserver(() => {
    const width = Math.max(120, element.clientWidth);
    if (Math.abs(width - plot.width) >= 1) plot.setSize({ width, height: options.height });
  });
  observer.observe(element);

  return {
    update(times, series, next) {
      span = next;
      buckets = times.length;
      const { order: drawnOrder, values } = stack(series);
      const seconds = times.map((at) => at / 1_000);
      const last = seconds.at(-1);
      const ended = values.map((list, index) => {
        const { kind } = drawnOrder[index] ?? { kind: 'line' };
        return [...list, kind === 'area' || kind === 'step' ? (list.at(-1) ?? null) : null];
      });
      // A step is as wide as its bucket, the last one too.
      plot.setData([last === undefined ? [] : [...seconds, last + options.widthMs / 1_000], ...(last === undefined ? values : ended)] as uPlot.AlignedData);
    },
    destroy() {
      observer.disconnect();
      plot.destroy();
    },
  };
}

/** exactOptionalPropertyTypes has no say here, but an absent path builder must not hide uPlot's own. */
function pathsOf(paths: uPlot.Series.PathBuilder | undefined): Pick<uPlot.Series, 'paths'> {
  return paths === undefined ? {} : { paths };
}

function lonelyPoints(plot: uPlot, seriesIndex: number, show: boolean, gaps?: number[][] | null): number[] | null {
  const values = plot.data[seriesIndex];
  if (values === undefined || show || gaps === null) return null;
  const lonely: number[] = [];
  for (let index = 0; index < values.length; index += 1) {
    if (values[index] != null && values[index - 1] == null && values[index + 1] == null) lonely.push(index);
  }
  return lonely;
}
