import { type ApiError, fromFailure } from '../api/errors.js';
import type { Asked } from './copy-as.js';

export const EXPORT_FORMATS = ['csv', 'ndjson'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Where the server gives the whole list as a file. */
export function exportUrl(endpoint: string, { filter, orderBy }: Asked, format: ExportFormat): string {
  const url = new URL(endpoint);
  url.searchParams.set('format', format);
  if (Object.keys(filter).length > 0) url.searchParams.set('filter', JSON.stringify(filter));
  url.searchParams.set('orderBy', JSON.stringify(orderBy));
  return url.href;
}

/** Why the server would not give the file; null where it does. A browser that saves a file shows no answer of a server. */
export async function refusalOf(url: string): Promise<ApiError | null> {
  const abort = new AbortController();
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (response.ok) return null;
    const { errors } = (await response.json()) as { errors: [Parameters<typeof fromFailure>[0]] };
    return fromFailure(errors[0]);
  } catch {
    return { message: 'The server did not answer.', code: 'NETWORK' };
  } finally {
    abort.abort();
  }
}
