/** What is needed of an attempt to draw it. Instants are RFC 3339. */
export interface TimedAttempt {
  readonly status: string;
  readonly enqueuedAt: string;
  readonly processingStartedAt: string | null;
  readonly completedAt: string | null;
  readonly failedAt: string | null;
}

/** A part of a bar, in shares of the whole width (0 to 1). */
export interface Segment {
  readonly kind: 'wait' | 'run';
  readonly from: number;
  readonly to: number;
  readonly ms: number;
  /** It still grows. */
  readonly open: boolean;
}

/** A stretch in which nothing happened, drawn shorter than it was. */
export interface Pause {
  readonly at: number;
  readonly to: number;
  readonly ms: number;
}

export interface Timeline {
  /** As many as attempts, in their order. */
  readonly bars: readonly (readonly Segment[])[];
  readonly pauses: readonly Pause[];
}

/** What a long pause takes of the width. */
const PAUSE_SHARE = 0.07;
/** A pause that would take more than this of the width is drawn as a break. */
const LONGEST_SHARE = 0.12;

interface Span {
  readonly from: number;
  readonly to: number;
}

function spanOf(attempt: TimedAttempt, now: number): { readonly wait: Span; readonly run: Span | null; readonly open: 'wait' | 'run' | null } {
  const enqueued = Date.parse(attempt.enqueuedAt);
  const started = attempt.processingStartedAt === null ? null : Math.max(enqueued, Date.parse(attempt.processingStartedAt));
  const ended = attempt.completedAt ?? attempt.failedAt;
  if (started === null) {
    const waiting = attempt.status === 'QUEUED';
    return { wait: { from: enqueued, to: waiting ? Math.max(enqueued, now) : ended === null ? enqueued : Math.max(enqueued, Date.parse(ended)) }, run: null, open: waiting ? 'wait' : null };
  }
  const running = attempt.status === 'PROCESSING';
  const end = ended !== null && !running ? Date.parse(ended) : running ? now : started;
  return { wait: { from: enqueued, to: started }, run: { from: started, to: Math.max(started, end) }, open: running ? 'run' : null };
}

/** Stretches in which at least one attempt waited or ran, in order, none touching another. */
function busySpans(spans: readonly Span[]): readonly Span[] {
  const merged: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last && span.from <= last.to) merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
    else merged.push(span);
  }
  return merged;
}

/**
 * Attempts on one axis of time: waits and runs of all to one scale, and what lay between attempts too where it is short;
 * a long pause, which would leave no room for them, is drawn as a break.
 */
export function layOut(attempts: readonly TimedAttempt[], now: number): Timeline {
  const spans = attempts.map((attempt) => spanOf(attempt, now));
  const busy = busySpans(spans.map(({ wait, run }) => ({ from: wait.from, to: (run ?? wait).to })));
  const gaps = busy.slice(1).map((span, index) => ({ from: (busy[index] as Span).to, to: span.from }));
  const length = ({ from, to }: Span): number => to - from;
  const sum = (all: readonly Span[]): number => all.reduce((total, span) => total + length(span), 0);
  const isLong = shortened(gaps.map(length), sum(busy));
  const longGaps = gaps.filter((_, index) => isLong[index]);
  const toScale = sum(busy) + sum(gaps) - sum(longGaps);
  const room = Math.max(0.2, 1 - PAUSE_SHARE * longGaps.length);
  const pauseShare = longGaps.length === 0 ? 0 : (1 - room) / longGaps.length;
  const perMs = toScale === 0 ? 0 : room / toScale;

  const place = (at: number): number => {
    let x = 0;
    for (const [index, span] of busy.entries()) {
      if (at <= span.to) return x + Math.max(0, at - span.from) * perMs;
      x += length(span) * perMs;
      const gap = gaps[index];
      if (gap) x += isLong[index] ? pauseShare : length(gap) * perMs;
    }
    return x;
  };
  const bars = spans.map(({ wait, run, open }) => {
    const segments: Segment[] = [{ kind: 'wait', from: place(wait.from), to: place(wait.to), ms: length(wait), open: open === 'wait' }];
    if (run !== null) segments.push({ kind: 'run', from: place(run.from), to: place(run.to), ms: length(run), open: open === 'run' });
    return segments;
  });
  const pauses = longGaps.map((gap) => ({ at: place(gap.from), to: place(gap.from) + pauseShare, ms: length(gap) }));
  return { bars, pauses };
}

/** Which pauses are too long to be drawn to scale: the longest first, until those that stay leave room for the rest. */
function shortened(gaps: readonly number[], busy: number): readonly boolean[] {
  const long = gaps.map(() => false);
  const byLength = gaps.map((ms, index) => ({ ms, index })).sort((a, b) => b.ms - a.ms);
  let total = busy + gaps.reduce((sum, ms) => sum + ms, 0);
  for (const { ms, index } of byLength) {
    if (ms <= total * LONGEST_SHARE) break;
    long[index] = true;
    total -= ms;
  }
  return long;
}
