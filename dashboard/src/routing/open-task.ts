import { useCallback } from 'react';
import { useSearchParams } from 'wouter';

const PARAMETER = 'task';

/** The execution whose drawer is open, from `?task=` of any page; how to open another, and how to close it. */
export function useOpenTask(): readonly [string | null, (executionId: string) => void, () => void] {
  const [params, setParams] = useSearchParams();
  const open = useCallback(
    (executionId: string) => {
      setParams((before) => {
        const next = new URLSearchParams(before);
        next.set(PARAMETER, executionId);
        return next;
      });
    },
    [setParams],
  );
  const close = useCallback(() => {
    setParams((before) => {
      const next = new URLSearchParams(before);
      next.delete(PARAMETER);
      return next;
    });
  }, [setParams]);
  return [params.get(PARAMETER), open, close];
}
