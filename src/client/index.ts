/** `tasktracker/client`: watch executions from Node ≥ 20 or a browser. */
export type { ConnectionParams, Token } from './connection.js';
export { NoWebSocketError, ServerUnreachableError, TooManyTasksError, WatchError, WatchRefusedError } from './errors.js';
export { TaskFold } from './fold.js';
export type { WatchOptions } from './options.js';
export {
  type ChangeItem,
  type ErrorCategory,
  type GapItem,
  type JsonScalar,
  type ListItem,
  type LossCode,
  type MetadataFilter,
  type Task,
  type TaskChange,
  type TaskFilter,
  type TaskKeys,
  TASK_STATUSES,
  type TaskStatus,
  type WatchItem,
  type WatchState,
  type WatchStatus,
} from './types.js';
export { type TaskWatch, watchTasks } from './watch.js';
export type { WebSocketClass } from './web-socket.js';
