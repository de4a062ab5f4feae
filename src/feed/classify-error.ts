/**
 * What a broken change stream means for the feed:
 * - `transient`: the database is away or changes its primary; the same token is tried again, for as long as it takes.
 * - `history-lost`: the place is gone for good (286, 280, an oversized event); the token is never tried again.
 * - `token-refused`: the database does not take the token as one of this collection.
 * - `fatal`: trying again does not help until somebody changes something (not authorised, no replica set).
 * - `unknown`: anything else; tried again a few times, then treated as lost history.
 */
export type StreamFailure = 'transient' | 'history-lost' | 'token-refused' | 'fatal' | 'unknown';

/** Codes of MongoDB's error table (src/mongo/base/error_codes.yml). */
const HISTORY_LOST = new Set([
  286, // ChangeStreamHistoryLost
  280, // ChangeStreamFatalError
  136, // CappedPositionLost: an open stream that the oplog has overtaken
  10334, // BSONObjectTooLarge: an event over 16 MB
]);
const TOKEN_REFUSED = new Set([
  9, // FailedToParse
  207, // InvalidUUID
  260, // InvalidResumeToken
]);
/** What mongod says of a token that it cannot read, under a code of its own for each thing that is wrong with it. */
const OF_THE_TOKEN = /resume ?token|KeyString format error|high water mark token|expected (?:an eventIdentifier|UUID or null)/i;
const FATAL = new Set([
  13, // Unauthorized
  18, // AuthenticationFailed
  8000, // AtlasError
  40573, // $changeStream needs a replica set
  40324, // unrecognised stage
]);
const TRANSIENT_NAMES = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoNotConnectedError',
  'PoolClearedOnNetworkError',
  'MongoTopologyClosedError',
  'StalledStreamError',
]);
/**
 * Not primary, shutting down, interrupted, stepped down, host unreachable, exceeded time, cursor not found, and 234
 * (RetryChangeStream): the resumable errors of the drivers' change stream specification, and some like them.
 */
const TRANSIENT = new Set([6, 7, 43, 50, 63, 89, 91, 133, 150, 189, 202, 216, 234, 262, 10058, 10107, 11600, 11602, 13388, 13435, 13436, 9001]);

interface ServerErrorLike {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  hasErrorLabel?(label: string): boolean;
}

/** @param resuming whether the stream was opened with a token: some codes then speak of the token */
export function classifyStreamError(error: unknown, resuming: boolean): StreamFailure {
  if (typeof error !== 'object' || error === null) return 'unknown';
  const { name, code, message } = error as ServerErrorLike;
  if (typeof code === 'number') {
    if (HISTORY_LOST.has(code)) return 'history-lost';
    if (resuming && (TOKEN_REFUSED.has(code) || (typeof message === 'string' && OF_THE_TOKEN.test(message)))) return 'token-refused';
    if (FATAL.has(code)) return 'fatal';
    if (TRANSIENT.has(code)) return 'transient';
  }
  const labelled = (label: string): boolean => (error as ServerErrorLike).hasErrorLabel?.(label) === true;
  if (labelled('NonResumableChangeStreamError')) return 'history-lost';
  if (typeof name === 'string' && TRANSIENT_NAMES.has(name)) return 'transient';
  if (labelled('ResumableChangeStreamError')) return 'transient';
  return 'unknown';
}
