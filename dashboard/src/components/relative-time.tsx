import { formatInstant, formatRelative } from '../time/format.js';
import { useClockText, useZone } from '../time/time.js';

export interface RelativeTimeProps {
  /** RFC 3339; null shows a dash. */
  readonly at: string | null | undefined;
  /** Instead of `… ago`. */
  readonly format?: (at: number, now: number) => string;
}

/** How long ago, on the one clock of the page; exactly when on hover. */
export function RelativeTime({ at, format = formatRelative }: RelativeTimeProps) {
  const [zone] = useZone();
  const instant = at ? Date.parse(at) : Number.NaN;
  const known = Number.isFinite(instant);
  const text = useClockText((now) => (known ? format(instant, now) : ''));
  if (!known) return <span>–</span>;
  return (
    <time dateTime={at ?? undefined} title={formatInstant(instant, zone)}>
      {text}
    </time>
  );
}
