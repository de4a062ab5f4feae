/** Exit code of a process that a signal ended, by the convention of shells. */
const ENDED_BY_SIGNAL = 130;

/**
 * Resolves at the first SIGTERM or SIGINT with its name. A second one ends the process at once, whatever still runs.
 */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
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
