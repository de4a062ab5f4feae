import type { TaskFilter, TaskOrder } from '../routing/task-filter.js';

/** What the list asks the API, for use elsewhere. Instants are resolved: the text means the same tomorrow. */
const QUERY = `query Tasks($filter: TaskFilter, $orderBy: TaskOrder, $after: String) {
  tasks(filter: $filter, orderBy: $orderBy, first: 50, after: $after) {
    nodes {
      taskId
      executionId
      queueName
      status
      enqueuedAt
      processingStartedAt
      completedAt
      failedAt
      retryCount
      maxRetries
      errorCategory
      errorMessage
      metadata
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}`;

export interface Asked {
  readonly filter: TaskFilter;
  readonly orderBy: TaskOrder;
}

/** GraphQL with its arguments written into it: to be pasted into GraphiQL. */
export function asGraphql({ filter, orderBy }: Asked): string {
  const given = Object.keys(filter).length === 0 ? '' : `filter: ${literal(filter)}, `;
  return QUERY.replace('query Tasks($filter: TaskFilter, $orderBy: TaskOrder, $after: String)', 'query Tasks').replace(
    'filter: $filter, orderBy: $orderBy, first: 50, after: $after',
    () => `${given}orderBy: ${literal(orderBy)}, first: 50`,
  );
}

/** A command for a POSIX shell. */
export function asCurl(asked: Asked, url: string): string {
  const body = JSON.stringify({ query: QUERY.replace(/\s+/g, ' '), variables: asked });
  return `curl -sS ${quote(url)} -H 'content-type: application/json' --data-raw ${quote(body)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Names of the enums' values stand bare in GraphQL; these fields hold them. */
const ENUMS = new Set(['status', 'errorCategory', 'field', 'direction']);

function literal(value: unknown, bare = false): string {
  if (Array.isArray(value)) return `[${value.map((entry) => literal(entry, bare)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).filter(([, entry]) => entry !== undefined);
    return `{ ${fields.map(([name, entry]) => `${name}: ${literal(entry, ENUMS.has(name))}`).join(', ')} }`;
  }
  // A JSON string is a GraphQL string; \u2028 and its like may stand in both.
  return bare ? String(value) : JSON.stringify(value);
}
