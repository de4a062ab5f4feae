import type { Logger } from 'pino';

/** How the database in use was found: the configured URI, or one of the steps of the embedded order. */
export type DatabaseKind = 'configured' | 'mongod' | 'downloaded' | 'secantus';

export interface OpenDatabaseOptions {
  /** MONGODB_URI. When given, it is used and nothing else is tried. */
  uri?: string | undefined;
  /** Where an embedded database keeps its data; absent: a throw-away folder, removed on close. */
  dataDir?: string | undefined;
  /** Where downloads and the virtual environment are kept between runs. */
  cacheDir: string;
  /** Name of the database used when the URI names none. */
  databaseName: string;
  /** Restricts the embedded order to one step (tests, diagnosis). Absent: all steps in order. */
  only?: Exclude<DatabaseKind, 'configured'> | undefined;
  log: Logger;
  /** Told of each slow step in one readable line: what is downloaded, how far it is. */
  onProgress?: ((line: string) => void) | undefined;
}

/** A database that is up. Whoever opened it closes it. */
export interface OpenedDatabase {
  readonly kind: DatabaseKind;
  /** Connection string, database name included. */
  readonly uri: string;
  /** One line for people: which server, where its data is, and that an embedded one is not for production. Never a password. */
  readonly description: string;
  readonly dataDir: string | undefined;
  /** Process id of an embedded server; undefined for a configured one. */
  readonly pid: number | undefined;
  /** Stops an embedded server and removes a throw-away folder. Does nothing to a configured one. Idempotent. */
  close(): Promise<void>;
}
