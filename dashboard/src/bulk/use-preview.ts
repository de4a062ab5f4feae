import { useEffect, useState } from 'react';

import { useApi } from '../api/api.js';
import { type ApiError, fromCombined } from '../api/errors.js';
import { BULK, type BulkInput, type Preview } from './documents.js';

export interface Previewed {
  readonly preview: Preview | null;
  /** What the operation would be refused with, or why there is no preview. */
  readonly error: ApiError | null;
}

/** What an operation would do; null while that is being asked. Asked anew when the question is another one. */
export function usePreview(input: BulkInput): Previewed | null {
  const { queries } = useApi();
  const key = JSON.stringify({ ...input, reason: null, dryRun: true });
  const [answer, setAnswer] = useState<{ readonly key: string; readonly previewed: Previewed } | null>(null);
  useEffect(() => {
    let stale = false;
    const ask = async () => {
      const { data, error } = await queries.mutation(BULK, { input: JSON.parse(key) as BulkInput }).toPromise();
      if (stale) return;
      setAnswer({ key, previewed: { preview: data?.bulk.preview ?? null, error: fromCombined(error) ?? data?.bulk.userErrors[0] ?? null } });
    };
    void ask();
    return () => {
      stale = true;
    };
  }, [key, queries]);
  return answer?.key === key ? answer.previewed : null;
}
