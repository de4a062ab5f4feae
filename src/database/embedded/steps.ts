import type { Logger } from 'pino';

import type { ServerProgram } from './program.js';

/** The kinds of embedded database, in the order in which they are tried. */
export const EMBEDDED_KINDS = ['mongod', 'downloaded', 'secantus'] as const;
export type EmbeddedKind = (typeof EMBEDDED_KINDS)[number];

export interface StepContext {
  /** Where downloads and the virtual environment are kept between runs. */
  cacheDir: string;
  /** Folders that programs are looked for in, as PATH is written. Absent: this process's own PATH. */
  path: string | undefined;
  /** A mongod named outright (MONGOMS_SYSTEM_BINARY). */
  systemBinary?: string | undefined;
  log: Logger;
  onProgress: (line: string) => void;
  /** Ends a preparation that takes long. */
  signal?: AbortSignal | undefined;
}

/** Whether a step can be taken, and why or why not, for people to read. */
export interface Availability {
  readonly available: boolean;
  readonly why: string;
}

export interface DataFolder {
  readonly folder: string;
  /** The throw-away root that goes with it, when there is one. */
  readonly discard: string | undefined;
}

/** A program that is ready to be started, and how to connect to it. */
export interface ReadyStep {
  readonly program: (data: DataFolder) => ServerProgram;
  /** Name of the sub-folder of the data folder that this kind of server keeps its files in. */
  readonly subfolder: string;
  readonly uri: (port: number, databaseName: string) => string;
}

/** One way of getting an embedded database. */
export interface EmbeddedStep {
  readonly kind: EmbeddedKind;
  /** Looks, and changes nothing: no download, no installation, no start. */
  check(context: StepContext): Promise<Availability>;
  /**
   * Does what is needed once (download, installation).
   *
   * @throws NoEmbeddedDatabaseError; the reason of the signal
   */
  prepare(context: StepContext): Promise<ReadyStep>;
}
