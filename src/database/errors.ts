/** A database that cannot be used as it is. The message says what was seen; `remedy` says what would make it work. */
export class DatabaseError extends Error {
  override name = 'DatabaseError';

  constructor(
    message: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Nothing answered at the configured address within the time allowed. */
export class DatabaseUnreachableError extends DatabaseError {
  override name = 'DatabaseUnreachableError';
}

/** The server answered, but has no change streams (a standalone mongod). */
export class ChangeStreamsUnavailableError extends DatabaseError {
  override name = 'ChangeStreamsUnavailableError';
}

/** No embedded database could be found, downloaded or installed. */
export class NoEmbeddedDatabaseError extends DatabaseError {
  override name = 'NoEmbeddedDatabaseError';
}

/** Another process holds the data folder. */
export class DataFolderInUseError extends DatabaseError {
  override name = 'DataFolderInUseError';

  constructor(folder: string) {
    super(
      `Another process already uses the data folder ${folder}.`,
      'Stop the other TaskTracker, or give this one another data folder (TASKTRACKER_DATA_DIR). To look at a database in use, set MONGODB_URI to its address.',
    );
  }
}

/** The port asked for is taken by another program. */
export class PortInUseError extends DatabaseError {
  override name = 'PortInUseError';

  constructor() {
    super('The port asked for the embedded database is in use.', 'Choose another port, or none: any free one is taken then.');
  }
}

/** An embedded server did not come up; the message carries its last lines. */
export class EmbeddedStartError extends DatabaseError {
  override name = 'EmbeddedStartError';
}
