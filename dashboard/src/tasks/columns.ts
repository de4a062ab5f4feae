export const COLUMN_KEYS = [
  'status',
  'queue',
  'attempt',
  'enqueued',
  'started',
  'completed',
  'failed',
  'updated',
  'waited',
  'ran',
  'category',
  'error',
  'executionId',
] as const;

/** A column beside the task's own: one of the fields, or a path inside `metadata`. */
export type Column = (typeof COLUMN_KEYS)[number] | `metadata.${string}`;

export const DEFAULT_COLUMNS: readonly Column[] = ['status', 'queue', 'attempt', 'enqueued', 'waited', 'ran', 'error'];

const LABELS: Readonly<Record<(typeof COLUMN_KEYS)[number], string>> = {
  status: 'Status',
  queue: 'Queue',
  attempt: 'Attempt',
  enqueued: 'Enqueued',
  started: 'Started',
  completed: 'Completed',
  failed: 'Failed',
  updated: 'Changed',
  waited: 'Waited',
  ran: 'Ran',
  category: 'Error class',
  error: 'Error',
  executionId: 'Execution',
};

/** Widths as tracks of a grid: what is short has its own, what may be long shares the rest. */
const TRACKS: Readonly<Record<(typeof COLUMN_KEYS)[number], string>> = {
  status: '124px',
  queue: 'minmax(80px, 1fr)',
  attempt: '66px',
  enqueued: '86px',
  started: '86px',
  completed: '86px',
  failed: '86px',
  updated: '86px',
  waited: '80px',
  ran: '80px',
  category: '116px',
  error: 'minmax(90px, 1.6fr)',
  executionId: 'minmax(90px, 1.2fr)',
};

const METADATA = 'metadata.';

/** The path of a column that shows a value of `metadata`; null for the others. */
export function metadataPath(column: Column): string | null {
  return column.startsWith(METADATA) ? column.slice(METADATA.length) : null;
}

export function metadataColumn(path: string): Column | null {
  const names = path.trim().split('.');
  return names.includes('') ? null : `metadata.${names.join('.')}`;
}

export function columnLabel(column: Column): string {
  return metadataPath(column) ?? LABELS[column as (typeof COLUMN_KEYS)[number]];
}

export function gridTracks(columns: readonly Column[]): string {
  const others = columns.map((column) => (metadataPath(column) === null ? TRACKS[column as (typeof COLUMN_KEYS)[number]] : 'minmax(80px, 0.8fr)'));
  return ['34px', 'minmax(150px, 2fr)', ...others].join(' ');
}

/** The value at a path, as text; empty where there is none. */
export function metadataText(metadata: Readonly<Record<string, unknown>>, path: string): string {
  let value: unknown = metadata;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return '';
    value = (value as Record<string, unknown>)[name];
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const MOST_COLUMNS = 20;

/** Columns from text that was written by any version, or by anybody. */
export function parseColumns(text: string | null): readonly Column[] {
  try {
    const list = JSON.parse(text ?? 'null') as unknown;
    if (!Array.isArray(list)) return DEFAULT_COLUMNS;
    const known = list.filter(
      (name): name is Column =>
        typeof name === 'string' && ((COLUMN_KEYS as readonly string[]).includes(name) || (name.startsWith(METADATA) && metadataColumn(name.slice(METADATA.length)) === name)),
    );
    return [...new Set(known)].slice(0, MOST_COLUMNS);
  } catch {
    return DEFAULT_COLUMNS;
  }
}
