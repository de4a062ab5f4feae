import { useCallback, useEffect, useRef } from 'react';

/** Runs at most once per `ms`: at once after a quiet time, and once more after the last call. */
export function useThrottled(run: () => void, ms: number): () => void {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  const state = useRef<{ at: number; timer: ReturnType<typeof setTimeout> | undefined }>({ at: 0, timer: undefined });
  useEffect(() => {
    const { current } = state;
    return () => {
      clearTimeout(current.timer);
      current.timer = undefined;
    };
  }, []);
  return useCallback(() => {
    const { current } = state;
    if (current.timer !== undefined) return;
    current.timer = setTimeout(
      () => {
        current.timer = undefined;
        current.at = Date.now();
        latest.current();
      },
      Math.max(0, current.at + ms - Date.now()),
    );
  }, [ms]);
}
