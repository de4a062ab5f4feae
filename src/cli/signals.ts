import { whenParentEnds } from './parent.js';

/** Exit code of a process that a signal ended, by the convention of shells. */
const ENDED_BY_SIGNAL = 130;
/** SIGHUP: the terminal was closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Under npm one Ctrl-C can arrive twice: from the terminal, and passed on by npm. */
const SAME_SIGNAL_MS = 1_000;

/** Why a program is asked to end. */
export type StopReason = (typeof SIGNALS)[number] | 'parent ended';

export interface StopOptions {
  /** The end of the parent process is a reason too: npm's shell does not pass a signal on. */
  readonly withParent: boolean;
}

export interface StopRequest {
  /** Resolves at the first reason. */
  readonly asked: Promise<StopReason>;
  /** Listens no more. */
  release(): void;
}

/**
 * Waits until the program is asked to end, by SIGINT, SIGTERM or SIGHUP, or for another reason of the options. A second
 * signal ends the process at once, for those who do not want to wait.
 */
export function awaitStop({ withParent }: StopOptions): StopRequest {
  let resolve: (reason: StopReason) => void = () => undefined;
  const asked = new Promise<StopReason>((onAsked) => {
    resolve = onAsked;
  });
  const sameSignalMs = withParent ? SAME_SIGNAL_MS : 0;
  let signalledAt: number | null = null;
  const onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (signalledAt !== null && now - signalledAt >= sameSignalMs) process.exit(ENDED_BY_SIGNAL);
    signalledAt ??= now;
    resolve(signal as StopReason);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const watchParentNoMore = withParent ? whenParentEnds(() => resolve('parent ended')) : () => undefined;
  return {
    asked,
    release() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
      watchParentNoMore();
    },
  };
}

/** The same for a program that listens until its process ends. */
export function untilStopped(options: StopOptions): Promise<StopReason> {
  return awaitStop(options).asked;
}
