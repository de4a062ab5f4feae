import { stringify } from 'csv-stringify/sync';

import type { Column } from './columns.js';

type Row = Readonly<Record<string, unknown>>;

/** A way to write rows as text: `head` goes before all of them. */
export interface Format {
  readonly contentType: string;
  readonly head: (columns: readonly Column[]) => string;
  readonly rows: (columns: readonly Column[], rows: readonly Row[]) => string;
}

/**
 * RFC 4180: CRLF, quotes where they are needed. A spreadsheet takes a text that begins with `=`, `+`, `-`, `@`, a tab or
 * a carriage return for a formula: such a text gets a `'` in front (OWASP, CSV injection). Lists and objects are JSON.
 */
const CSV = {
  record_delimiter: 'windows',
  escape_formulas: true,
  cast: { boolean: String },
} as const;

const csv: Format = {
  contentType: 'text/csv; charset=utf-8; header=present',
  head: (columns) => stringify([columns.map(({ name }) => name)], CSV),
  rows: (columns, rows) =>
    stringify(
      rows.map((row) => columns.map(({ valueOf }) => valueOf(row))),
      CSV,
    ),
};

/** One JSON object a line (https://github.com/ndjson/ndjson-spec), with the values that GraphQL gives. */
const ndjson: Format = {
  contentType: 'application/x-ndjson; charset=utf-8',
  head: () => '',
  rows: (columns, rows) =>
    rows.map((row) => `${JSON.stringify(Object.fromEntries(columns.map(({ name, valueOf }) => [name, valueOf(row) ?? null])))}\n`).join(''),
};

export const FORMATS = { csv, ndjson } as const;
export type FormatName = keyof typeof FORMATS;

export function isFormatName(name: string): name is FormatName {
  return Object.hasOwn(FORMATS, name);
}
