import { UNAUTHENTICATED } from '../api/api.js';
import { type ApiError, fromFailure } from '../api/errors.js';
import type { Session } from '../api/session.js';
import { atMost, type Bytes, TooLargeError } from './at-most.js';
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

/** As much of the File System Access API as is used here; Chromium has it, in pages that are secure. */
interface FilePicker {
  showSaveFilePicker?(options: { readonly suggestedName: string }): Promise<FileSystemFileHandle & { remove?(): Promise<void> }>;
}

/** The most that is held in memory where a file cannot be written as it comes. */
const MOST_IN_MEMORY = 256 * 1024 * 1024;

/** Where a file goes to. */
interface Target {
  /** Whole, or not at all. */
  write(body: ReadableStream<Bytes>): Promise<void>;
  /** There is nothing to write. */
  discard(): Promise<void>;
}

function inMemory(name: string): Target {
  return {
    async write(body) {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(await new Response(body.pipeThrough(atMost(MOST_IN_MEMORY))).blob());
      link.download = name;
      link.click();
      // The browser has taken it up by then.
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    },
    discard: () => Promise.resolve(),
  };
}

/** Null where nobody wants a file after all. */
async function targetOf(name: string): Promise<Target | null> {
  const picker = globalThis as FilePicker;
  if (picker.showSaveFilePicker === undefined) return inMemory(name);
  try {
    const file = await picker.showSaveFilePicker({ suggestedName: name });
    return {
      // It is written beside the file, and put in its place at the end.
      write: async (body) => body.pipeTo(await file.createWritable()),
      // Choosing it has made an empty one.
      discard: async () => file.remove?.(),
    };
  } catch (error) {
    // Some pages may not ask, those in a frame among them.
    return error instanceof DOMException && error.name === 'AbortError' ? null : inMemory(name);
  }
}

function failure(error: unknown): ApiError {
  return error instanceof TooLargeError
    ? { message: 'It is larger than 256 MB, and this browser lets no page write a file as it comes. Narrow the filter, or ask /export from a terminal.', code: 'TOO_LARGE' }
    : { message: 'The server did not answer, or not to the end of the file.', code: 'NETWORK' };
}

/**
 * Saves the file, whole or not at all: as it comes, to where the user says, or from memory once it is there, as the
 * browser can. Must be called by what the user does: only then may a page ask where to.
 *
 * @returns why there is none; null where there is one, or nobody wants one after all
 */
export async function saveExport(url: string, format: ExportFormat, session: Session): Promise<ApiError | null> {
  // Chosen before the server is asked: it does not wait as long as people do.
  const target = await targetOf(`tasks-${new Date().toISOString().replace(/[:.]/g, '-')}.${format}`);
  if (target === null) return null;
  try {
    const response = await fetch(url, { headers: session.headers() });
    if (response.status === UNAUTHENTICATED) session.refuse();
    if (response.ok && response.body !== null) {
      await target.write(response.body);
      return null;
    }
    await target.discard();
    const { errors } = (await response.json()) as { errors: [Parameters<typeof fromFailure>[0]] };
    return fromFailure(errors[0]);
  } catch (error) {
    await target.discard().catch(() => undefined);
    return failure(error);
  }
}
