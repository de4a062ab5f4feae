/** Something done again and again, never twice at once. */
export interface Repeated {
  /** No further turn starts; resolves when the running one has ended. */
  stop(): Promise<void>;
}

/** Calls `action` each `ms`, counted from the end of the turn before. An error is told and ends only its own turn. */
export function every(ms: number, action: () => Promise<void>, onError: (error: unknown) => void): Repeated {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  const schedule = () => {
    if (!stopped) timer = setTimeout(turn, ms);
  };
  const turn = () => {
    running = action().catch(onError).finally(schedule);
  };
  schedule();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      return running;
    },
  };
}
