import { whenParentEnds } from '../cli/parent.js';

/** Why a program is asked to end. */
export type StopReason = 'signal' | 'duration' | 'parent';

export interface StopRequest {
  /** Resolves when the program is asked to end. */
  readonly asked: Promise<StopReason>;
  /** Listens no more. */
  release(): void;
}

/** SIGHUP: the terminal was closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** One Ctrl-C can arrive twice: from the terminal, and passed on by npm. */
const SAME_SIGNAL_MS = 1_000;

/**
 * Waits for a signal, for the parent process to end (npm's shell does not pass signals on), or for a time to be over.
 * A second signal ends the process at once, for those who do not want to wait.
 */
export function awaitStop(durationMs: number | undefined): StopRequest {
  let resolve: (reason: StopReason) => void = () => undefined;
  let signalledAt: number | undefined;
  const asked = new Promise<StopReason>((onAsked) => {
    resolve = onAsked;
  });
  const onSignal = () => {
    if (signalledAt !== undefined && Date.now() - signalledAt > SAME_SIGNAL_MS) process.exit(1);
    signalledAt ??= Date.now();
    resolve('signal');
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const watchParentNoMore = whenParentEnds(() => resolve('parent'));
  const duration = durationMs === undefined ? undefined : setTimeout(() => resolve('duration'), durationMs);
  return {
    asked,
    release() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
      watchParentNoMore();
      clearTimeout(duration);
    },
  };
}
