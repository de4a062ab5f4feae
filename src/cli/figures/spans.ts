const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
];

/** A span for people, at most six characters: `340ms`, `1.4s`, `3m05s`, `2h10m`, `4d`. '–' for none. */
export function shownSpan(ms: number | null): string {
  if (ms === null) return '–';
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1_000) return `${whole}ms`;
  if (whole < 60_000) return `${(whole / 1_000).toFixed(whole < 10_000 ? 1 : 0)}s`;
  const index = UNITS.findIndex(([, size]) => whole >= size);
  const [name, size] = UNITS[index] as (typeof UNITS)[number];
  const count = Math.floor(whole / size);
  const [restName, restSize] = UNITS[index + 1] as (typeof UNITS)[number];
  const rest = Math.floor((whole % size) / restSize);
  return name === 'd' || rest === 0 ? `${count}${name}` : `${count}${name}${String(rest).padStart(2, '0')}${restName}`;
}

/** How long ago an ISO instant is, in ms; null where there is none. */
export function ageOf(instant: string | null, now: number): number | null {
  return instant === null ? null : Math.max(0, now - Date.parse(instant));
}
