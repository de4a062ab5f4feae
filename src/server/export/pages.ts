import { type DocumentNode, execute, parse } from 'graphql';

import type { Caller } from '../../access/caller.js';
import type { TaskTrackerSurface } from '../../graphql/surface.js';
import { ReadDeadline } from '../../queries/deadline.js';
import { codedResult } from '../operations.js';
import type { Column } from './columns.js';
import { ExportFailedError } from './errors.js';

/** Rows of one read: the largest page that the API has. */
const PAGE = 200;

type Row = Readonly<Record<string, unknown>>;

/** The list to export: `filter` and `orderBy` as a client sends them, not yet looked at. */
export interface ExportRequest {
  readonly filter: unknown;
  readonly orderBy: unknown;
  readonly columns: readonly Column[];
  readonly caller: Caller;
}

interface Answer {
  readonly tasks: {
    readonly totalCount?: number;
    readonly nodes: readonly Row[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

/**
 * The rows of a list, page by page, by the API's own `tasks`: what a caller may not see there, is not here, and what is
 * wrong with `filter` or `orderBy` is told in the same words.
 */
export class ExportPages {
  readonly #surface: TaskTrackerSurface;
  readonly #caller: Caller;
  readonly #document: DocumentNode;
  readonly #counting: DocumentNode;
  readonly #variables: Readonly<Record<string, unknown>>;
  /** Of the read that runs. */
  #deadline: ReadDeadline | null = null;
  #abandoned = false;

  constructor(surface: TaskTrackerSurface, { filter, orderBy, columns, caller }: ExportRequest) {
    const fields = [...new Set(columns.map(({ field }) => field))].join(' ');
    this.#surface = surface;
    this.#caller = caller;
    this.#document = parse(
      `query Export($filter: TaskFilter, $orderBy: TaskOrder, $first: Int, $after: String) {
        tasks(filter: $filter, orderBy: $orderBy, first: $first, after: $after) { nodes { ${fields} } pageInfo { hasNextPage endCursor } }
      }`,
      { noLocation: true },
    );
    this.#counting = parse('query Export($filter: TaskFilter) { tasks(filter: $filter, first: 1) { totalCount } }', { noLocation: true });
    this.#variables = { ...(filter === undefined ? {} : { filter }), ...(orderBy === undefined ? {} : { orderBy }) };
  }

  /** How many rows there are now. @throws ExportFailedError */
  async count(): Promise<number> {
    return (await this.#ask(this.#counting, {})).tasks.totalCount ?? 0;
  }

  /** @param limit how many rows at most @throws ExportFailedError */
  async *read(limit: number): AsyncGenerator<readonly Row[], { readonly more: boolean }, undefined> {
    let after: string | null = null;
    for (let left = limit; ; ) {
      const { tasks }: Answer = await this.#ask(this.#document, { first: Math.min(PAGE, left), after });
      const { nodes, pageInfo } = tasks;
      yield nodes;
      left -= nodes.length;
      after = pageInfo.endCursor;
      if (!pageInfo.hasNextPage || left <= 0) return { more: pageInfo.hasNextPage };
    }
  }

  /** Nobody takes the rows any more: the read that runs ends, and none begins. */
  abandon(): void {
    this.#abandoned = true;
    this.#deadline?.abandon();
  }

  async #ask(document: DocumentNode, variables: Readonly<Record<string, unknown>>): Promise<Answer> {
    const { schema, queryTimeoutMs } = this.#surface;
    const deadline = new ReadDeadline(queryTimeoutMs);
    this.#deadline = deadline;
    if (this.#abandoned) deadline.abandon();
    const variableValues = { ...this.#variables, ...variables };
    const { data, errors } = codedResult(await execute({ schema, document, variableValues, contextValue: this.#surface.createContext(this.#caller, deadline) }));
    if (errors !== undefined) throw new ExportFailedError(errors);
    return data as unknown as Answer;
  }
}
