import { UNAUTHENTICATED } from '../api/api.js';
import { type ApiError, fromFailure } from '../api/errors.js';
import type { Session } from '../api/session.js';
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

function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser has taken it up by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/**
 * Has the browser save the file once all of it is there: what is saved is whole.
 *
 * @returns why there is none; null where there is one
 */
export async function saveExport(url: string, session: Session): Promise<ApiError | null> {
  try {
    const response = await fetch(url, { headers: session.headers() });
    if (response.status === UNAUTHENTICATED) session.refuse();
    if (!response.ok) {
      const { errors } = (await response.json()) as { errors: [Parameters<typeof fromFailure>[0]] };
      return fromFailure(errors[0]);
    }
    const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
    save(await response.blob(), name ?? 'tasks');
    return null;
  } catch {
    return { message: 'The server did not answer, or not to the end of the file.', code: 'NETWORK' };
  }
}
