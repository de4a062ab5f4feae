/** Rows that somebody has ticked, by their executionId. */
export interface Selected<Row> {
  readonly byId: ReadonlyMap<string, Row>;
  /** executionId of the row that was toggled last. */
  readonly last: string | null;
}

/**
 * The selection after a row was toggled.
 *
 * @param range all from the row that was toggled last to this one are ticked
 */
export function toggled<Row extends { readonly executionId: string }>({ byId, last }: Selected<Row>, rows: readonly Row[], index: number, range: boolean): Selected<Row> {
  const row = rows[index];
  if (row === undefined) return { byId, last };
  const next = new Map(byId);
  const from = range && last !== null ? rows.findIndex(({ executionId }) => executionId === last) : -1;
  if (from !== -1) {
    for (const between of rows.slice(Math.min(from, index), Math.max(from, index) + 1)) next.set(between.executionId, between);
  } else if (!next.delete(row.executionId)) {
    next.set(row.executionId, row);
  }
  return { byId: next, last: row.executionId };
}
