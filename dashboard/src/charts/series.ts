export interface Series {
  readonly key: string;
  readonly label: string;
  /** Name of a colour of tokens.css, e.g. `--tt-fill-completed`. */
  readonly color: string;
  /** Stacked ones are drawn upon one another in their order; lines are drawn over them. */
  readonly kind: 'bar' | 'area' | 'line' | 'step';
  /** One for each time; null where nothing was measured. */
  readonly values: readonly (number | null)[];
  /** Drawn only when somebody asks for it. */
  readonly hidden?: boolean;
}

/**
 * Stacked series as uPlot draws them: each up to the sum of those before it and itself, the highest first, so that the
 * lower ones cover it. Others follow as they are, the first of them last and so on top.
 */
export function stack(series: readonly Series[]): { readonly order: readonly Series[]; readonly values: readonly (readonly (number | null)[])[] } {
  const stacked = series.filter(({ kind }) => kind === 'bar' || kind === 'area');
  const others = series.filter(({ kind }) => kind !== 'bar' && kind !== 'area').toReversed();
  const sums: (number | null)[][] = [];
  for (const { values } of stacked) {
    const below = sums.at(-1);
    sums.push(values.map((value, index) => (value ?? 0) + (below?.[index] ?? 0)));
  }
  return { order: [...stacked.toReversed(), ...others], values: [...sums.toReversed(), ...others.map(({ values }) => values)] };
}

const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 7_200, 10_080, 21_600, 43_200].map((minutes) => minutes * 60_000);
const TICK_PX = 76;

/** Round instants for the axis, as many as there is room for. Days begin by the clock of UTC or of the reader alike. */
export function ticksBetween(from: number, to: number, widthPx: number): readonly number[] {
  const most = Math.max(2, Math.floor(widthPx / TICK_PX));
  const step = STEPS_MS.find((ms) => (to - from) / ms <= most) ?? STEPS_MS.at(-1) ?? 60_000;
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at);
  return ticks;
}
