/** The library: an application to embed, the model to write with, and the errors to catch. */
export { ANONYMOUS, type Caller } from './access/caller.js';
export { QueueScope } from './access/queue-scope.js';
export type { Role } from './access/role.js';
export { createTaskTracker, type TaskTrackerApp, type TaskTrackerOptions } from './app.js';
export { type Config, ConfigError, type Environment, loadConfig } from './config.js';
export {
  ChangeStreamsUnavailableError,
  DatabaseError,
  DatabaseUnreachableError,
  DataFolderInUseError,
  NoEmbeddedDatabaseError,
} from './database/errors.js';
export { CursorExpiredError, FeedClosedError, ResyncRequiredError, SlowConsumerError } from './feed/errors.js';
export type { AuditEntry, AuditLog, AuditPage } from './audit/types.js';
export type { ChangeKind, Feed, FeedState, FeedStatus, FeedSubscribeOptions, TaskChangeEvent } from './feed/types.js';
export {
  AlreadyStartedError,
  ConflictError,
  DuplicateExecutionError,
  InvalidTransitionError,
  MoveRefusedError,
  NotFoundError,
  RetriesExhaustedError,
} from './lifecycle/errors.js';
export type { Lifecycle } from './lifecycle/types.js';
export { ErrorCategory } from './model/error-category.js';
export { InvalidInputError, TaskTrackerError } from './model/errors.js';
export { type Execution, toExecution } from './model/execution.js';
export { TASK_STATUSES, TaskStatus } from './model/status.js';
export {
  COLLECTION_NAME,
  createTaskTrackerModel,
  MODEL_NAME,
  TaskTracker,
  type TaskTrackerDocument,
  type TaskTrackerModel,
} from './model/task-tracker.js';
export { BulkRefusedError, OperationEndedError, OperationNotFoundError, TooManyMatchesError } from './operations/errors.js';
export type { BulkOperation, BulkOperations, BulkPreview, BulkRequest, Requester } from './operations/types.js';
export type { TaskFilter, TaskOrder, TaskQueries } from './queries/types.js';
export type { Retention, RetentionFigures, RetentionRun } from './retention/types.js';
export type { ConnectionParams, HostAuthenticate } from './server/auth/callers.js';
export { AuthenticationSettingsError } from './server/auth/errors.js';
export type { Deduplication } from './server/health.js';
export type { MountedHandler, MountOptions } from './server/mount.js';
export type { QueueCounts, QueueFigures } from './stats/types.js';
