import { type TaskFilter, type TaskOrder, writeTaskFilter, writeTaskOrder } from './task-filter.js';

/** Paths of the dashboard, below its root. */
export const paths = {
  overview: () => '/',
  queue: (name: string) => `/queues/${encodeURIComponent(name)}`,
  tasks(filter: TaskFilter = {}, order: TaskOrder | null = null): string {
    const params = new URLSearchParams();
    writeTaskFilter(filter, params);
    writeTaskOrder(order, params);
    return withSearch('/tasks', params);
  },
  /** The page of one execution; over another view it is a drawer: see `useOpenTask`. */
  task: (executionId: string) => `/tasks/${encodeURIComponent(executionId)}`,
  errors(queueName?: string): string {
    const params = new URLSearchParams();
    if (queueName !== undefined) params.set('queue', queueName);
    return withSearch('/errors', params);
  },
};

function withSearch(path: string, params: URLSearchParams): string {
  const search = params.toString();
  return search === '' ? path : `${path}?${search}`;
}

/** Patterns of the same paths, for the router. */
export const patterns = { overview: '/', queue: '/queues/*', tasks: '/tasks', task: '/tasks/*', errors: '/errors' } as const;

/**
 * Which queue a page is about. Read from the path as it stands in the address bar: the router hands on half-decoded
 * names, in which `%2F` may be a slash of the name or three characters of it.
 *
 * @param pathname of `location`
 * @param basePath of the dashboard's root
 */
export function queueNameOf(pathname: string, basePath: string): string {
  return decoded(pathname.slice(`${basePath}/queues/`.length));
}

/** Which execution a page is about, read in the same way. */
export function executionIdOf(pathname: string, basePath: string): string {
  return decoded(pathname.slice(`${basePath}/tasks/`.length));
}

function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
