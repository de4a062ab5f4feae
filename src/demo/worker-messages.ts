/** What the workers and their orchestrator tell each other. The old-style worker, plain JavaScript, keeps to it by hand. */

export interface ApiWorkerSettings {
  readonly url: string;
  readonly queueNames: readonly string[];
  readonly maxBytes: number;
  readonly outputFolder: string;
}

export interface OldWorkerSettings {
  readonly uri: string;
  readonly queueName: string;
  /** A JSON file that holds the list of paths to work on. */
  readonly fileList: string;
  readonly maxBytes: number;
  readonly outputFolder: string;
  /** How many tasks it enqueues per second. */
  readonly rate: number;
}

export type ToWorker = { readonly kind: 'begin'; readonly settings: ApiWorkerSettings | OldWorkerSettings } | { readonly kind: 'stop' };

export interface FromWorker {
  readonly kind: 'started' | 'settled';
  readonly executionId: string;
  /** True for work that takes long enough to be interrupted in its middle. */
  readonly long: boolean;
}
