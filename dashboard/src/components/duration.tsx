import { formatDuration } from '../time/format.js';
import { useClockText } from '../time/time.js';

/** A length of time. A dash where it is not known. */
export function Duration({ ms }: { readonly ms: number | null | undefined }) {
  return <span title={ms === null || ms === undefined ? undefined : `${Math.round(ms)} ms`}>{formatDuration(ms)}</span>;
}

/** A length of time that still grows: since when, up to now. */
export function RunningDuration({ since }: { readonly since: string }) {
  const start = Date.parse(since);
  return <span>{useClockText((now) => formatDuration(now - start))}</span>;
}
