import { whenParentEnds } from './parent.js';

/** Exit code of a process that a signal ended, by the convention of shells. */
const ENDED_BY_SIGNAL = 130;

export type StopReason = NodeJS.Signals | 'parent ended';

/**
 * Resolves at the first SIGTERM or SIGINT with its name. A second one ends the process at once, whatever still runs.
 * With `withParent` the end of the parent process is a reason too: npm's shell does not pass a signal on.
 */
export function untilStopped({ withParent }: { readonly withParent: boolean }): Promise<StopReason> {
  return new Promise((resolve) => {
    if (withParent) whenParentEnds(() => resolve('parent ended'));
    let asked = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (asked) process.exit(ENDED_BY_SIGNAL);
      asked = true;
      resolve(signal);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}
