import { isIP } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';

import { z } from 'zod';

import { type UnknownVariable, unknownVariables } from './config/unknown-variables.js';
import { DEFAULT_DAYS } from './retention/rules.js';
import { DEFAULT_LIMITS } from './graphql/limits/options.js';
import { DEFAULT_MAX_TIME_MS } from './queries/executions.js';

/** One setting: where it is read from, what it may be, and what is written about it in the README. */
export interface Setting<T> {
  readonly env: string;
  readonly schema: z.ZodType<T>;
  /** Used when the variable is unset or empty. */
  readonly fallback: T;
  /** The default as people read it, where the value alone does not say it. */
  readonly shownDefault?: string;
  /** Unit of a number: `ms`, `bytes`, `events`, … */
  readonly unit?: string;
  readonly description: string;
  /** What a right value looks like: completes "must be …". */
  readonly expected: string;
  /** True where the value may hold a password: it is never repeated in a message. */
  readonly secret?: boolean;
}

type Facts = Pick<Setting<unknown>, 'shownDefault' | 'unit' | 'secret'>;

function setting<T>(env: string, schema: z.ZodType<T>, fallback: T, expected: string, description: string, facts: Facts = {}): Setting<T> {
  return { env, schema, fallback, expected, description, ...facts };
}

function integer(env: string, range: { min: number; max: number }, fallback: number, description: string, facts: Facts = {}): Setting<number> {
  const schema = z
    .string()
    .regex(/^\d+$/)
    .transform(Number)
    .pipe(z.number().int().min(range.min).max(range.max));
  return setting(env, schema, fallback, `a whole number from ${range.min} to ${range.max}`, description, facts);
}

function choice<const T extends string>(env: string, values: readonly [T, ...T[]], fallback: T, description: string): Setting<T> {
  return setting(env, z.enum(values), fallback, `one of ${values.join(', ')}`, description);
}

function flag(env: string, fallback: boolean, description: string): Setting<boolean> {
  const schema = z.enum(['true', 'false', '1', '0']).transform((value) => value === 'true' || value === '1');
  return setting(env, schema, fallback, 'true or false', description);
}

function text(env: string, fallback: string, description: string): Setting<string> {
  return setting(env, z.string(), fallback, 'text', description);
}

function optionalText(env: string, description: string, facts: Facts = {}): Setting<string | undefined> {
  return setting<string | undefined>(env, z.string(), undefined, 'text', description, facts);
}

/** A list with commas between, each entry told good by `isOne` and kept as `read` has it. */
function list(env: string, isOne: (entry: string) => boolean, expected: string, description: string, read = (entry: string) => entry): Setting<readonly string[]> {
  const schema = z
    .string()
    .transform((text) => text.split(',').map((entry) => entry.trim()))
    .refine((entries) => entries.length <= 1_000 && entries.every(isOne))
    .transform((entries) => entries.map(read));
  return setting<readonly string[]>(env, schema, [], expected, description, { shownDefault: 'none' });
}

/** Scheme, host and perhaps a port, as a browser writes them in Origin. */
function isOrigin(text: string): boolean {
  return /^https?:\/\/[^/?#@\s*]+$/i.test(text) && URL.canParse(text);
}

/** A name without a port, or `*.` and the end of one. */
function isHostName(text: string): boolean {
  return /^(?:\*\.)?[a-z\d_](?:[a-z\d_.-]*[a-z\d_])?$/i.test(text);
}

/** An address, or a subnet as in 10.0.0.0/8. */
function isSubnet(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && bits > 0 && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits));
}

/**
 * Where programs keep what they can get again, for all folders that this user starts them in: as the system has it, or
 * XDG_CACHE_HOME says.
 */
function userCacheFolder(environment: Environment, platform: NodeJS.Platform): string {
  const { XDG_CACHE_HOME: named, LOCALAPPDATA: local } = environment;
  if (named !== undefined && path.isAbsolute(named)) return named;
  if (platform === 'darwin') return path.join(homedir(), 'Library', 'Caches');
  if (platform === 'win32') return local ?? path.join(homedir(), 'AppData', 'Local');
  return path.join(homedir(), '.cache');
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Every setting there is. The README's table is made from this list. */
export const SETTINGS = {
  mongodbUri: setting<string | undefined>(
    'MONGODB_URI',
    z.string().regex(/^mongodb(\+srv)?:\/\/\S+$/),
    undefined,
    'a connection string that starts with mongodb:// or mongodb+srv://',
    'Connection string of a MongoDB replica set. When it is set, nothing else is tried.',
    { shownDefault: 'an embedded database', secret: true },
  ),
  databaseName: setting(
    'TASKTRACKER_DATABASE',
    z.string().regex(/^[^/\\. "$*<>:|?\0]{1,38}$/),
    'tasktracker',
    'a MongoDB database name of at most 38 characters',
    'Name of the database, used where MONGODB_URI names none.',
  ),
  host: text('HOST', '127.0.0.1', 'Address to listen on. Anything beyond the loopback interface is refused while no authentication is configured.'),
  port: integer('PORT', { min: 0, max: 65_535 }, 4000, 'Port to listen on; 0 takes any free one.'),
  allowedHosts: list(
    'TASKTRACKER_ALLOWED_HOSTS',
    isHostName,
    'names without ports and with commas between them, as in tasks.example.org,*.internal',
    'Names that the server is reached by, with commas between them; `*.example.org` for all below it. Requests whose Host header holds another name are answered with 421. Addresses and localhost always pass; without a list any name does, but none where HOST is a loopback address.',
  ),
  allowedOrigins: list(
    'TASKTRACKER_ALLOWED_ORIGINS',
    isOrigin,
    'origins with commas between them, as in https://ops.example.org,http://localhost:5173',
    'Origins of other sites whose pages may use the API (CORS), subscribe, and export, with commas between them.',
    (origin) => new URL(origin).origin,
  ),
  trustedProxies: list(
    'TASKTRACKER_TRUSTED_PROXIES',
    isSubnet,
    'addresses and subnets with commas between them, as in 10.0.0.7,172.30.0.0/16',
    "Addresses and subnets of the proxies before the server, with commas between them. From these, and no others, X-Forwarded-For says what a client's address is.",
  ),
  apiKeys: optionalText('TASKTRACKER_API_KEYS', 'API keys as a JSON list of the entries that `tasktracker key create` prints.', { shownDefault: 'none', secret: true }),
  apiKeysFile: optionalText('TASKTRACKER_API_KEYS_FILE', 'A file with such a list. It is read again when it changes.', { shownDefault: 'none' }),
  jwtSecret: optionalText('TASKTRACKER_JWT_SECRET', 'Secret of tokens (JWT) signed by HS256: at least 32 bytes.', { shownDefault: 'none', secret: true }),
  jwtJwksUrl: setting<string | undefined>(
    'TASKTRACKER_JWT_JWKS_URL',
    z.string().regex(/^https?:\/\/\S+$/).refine((url) => URL.canParse(url)),
    undefined,
    'a URL that starts with https:// or http://',
    'Where the key set (JWKS) of tokens signed by RS256 or ES256 is found.',
    { shownDefault: 'none' },
  ),
  jwtJwksFile: optionalText('TASKTRACKER_JWT_JWKS_FILE', 'A file with such a key set. It is read again when it changes.', { shownDefault: 'none' }),
  jwtIssuer: optionalText('TASKTRACKER_JWT_ISSUER', 'What `iss` of a token must be.', { shownDefault: 'any' }),
  jwtAudience: optionalText('TASKTRACKER_JWT_AUDIENCE', 'What `aud` of a token must hold.', { shownDefault: 'any' }),
  jwtClockToleranceMs: integer('TASKTRACKER_JWT_CLOCK_TOLERANCE_MS', { min: 0, max: 600_000 }, 5_000, 'How far the clock of the issuer of tokens may differ.', { unit: 'ms' }),
  jwtRoleClaim: text('TASKTRACKER_JWT_ROLE_CLAIM', 'role', 'The claim that holds the role. A path with dots names one inside another.'),
  jwtQueuesClaim: text('TASKTRACKER_JWT_QUEUES_CLAIM', 'queues', 'The claim that holds the patterns of queue names. A token without it may know of all queues.'),
  sensitiveMetadata: setting<readonly string[]>(
    'TASKTRACKER_SENSITIVE_METADATA',
    z.string().regex(/^[^,.$\s][^,$\s]*(\s*,\s*[^,.$\s][^,$\s]*)*$/).transform((text) => text.split(',').map((path) => path.trim())).refine((paths) => paths.length <= 100 && paths.every((path) => !path.split('.').includes(''))),
    [],
    'at most 100 paths with commas between them, as in customer.email,card.*',
    'Places in metadata that are masked for the roles VIEWER and WORKER: paths with commas between them, `*` for any one name.',
    { shownDefault: 'none' },
  ),
  maxFailedAuthentications: integer('TASKTRACKER_MAX_FAILED_AUTHENTICATIONS', { min: 0, max: 1_000_000 }, 30, 'Most wrong keys and tokens from one client address in a minute (of IPv6, one /64); 0 for any number. Whoever was let in before is not kept out.'),
  clientToken: optionalText('TASKTRACKER_TOKEN', 'An API key or token that `tasktracker watch`, `top` and `stats` show the server.', { shownDefault: 'none', secret: true }),
  dataDir: text('TASKTRACKER_DATA_DIR', path.join('.tasktracker', 'data'), 'Where `serve` keeps the data of an embedded database.'),
  cacheDir: setting(
    'TASKTRACKER_CACHE_DIR',
    z.string(),
    path.join(userCacheFolder(process.env, process.platform), 'tasktracker'),
    'text',
    'Where a downloaded or installed embedded database is kept between runs.',
    { shownDefault: "`tasktracker` in the user's cache folder (`XDG_CACHE_HOME`, `~/.cache`; `~/Library/Caches` on macOS, `%LOCALAPPDATA%` on Windows)" },
  ),
  systemBinary: optionalText('MONGOMS_SYSTEM_BINARY', 'A mongod to use as the embedded database, before any on PATH.', {
    shownDefault: 'the first mongod on PATH',
  }),
  logLevel: choice('LOG_LEVEL', ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'info', 'The least severe log lines that are written (to stderr).'),
  logFormat: choice('LOG_FORMAT', ['auto', 'pretty', 'json'], 'auto', 'How log lines are written: `auto` is pretty on a terminal and json elsewhere.'),
  introspection: flag('TASKTRACKER_INTROSPECTION', true, 'Whether clients may ask for the schema. Without it GraphiQL has no completion.'),
  playground: flag('TASKTRACKER_PLAYGROUND', true, 'Whether GraphiQL is served at /graphiql.'),
  dashboard: flag('TASKTRACKER_DASHBOARD', true, 'Serve the dashboard at /.'),
  trustedDocuments: optionalText('TASKTRACKER_TRUSTED_DOCUMENTS', 'A JSON file of the only documents that are run: `{sha256: document}`, or an Apollo persisted query manifest. GraphiQL is not served then.', { shownDefault: 'any document is run' }),
  maxDepth: integer('TASKTRACKER_MAX_DEPTH', { min: 1, max: 100 }, DEFAULT_LIMITS.maxDepth, 'Deepest nesting of fields in one operation.', { unit: 'levels' }),
  maxTokens: integer('TASKTRACKER_MAX_TOKENS', { min: 10, max: 10_000 }, DEFAULT_LIMITS.maxTokens, 'Longest operation text.', { unit: 'tokens' }),
  maxAliases: integer('TASKTRACKER_MAX_ALIASES', { min: 0, max: 10_000 }, DEFAULT_LIMITS.maxAliases, 'Most aliases in one operation.'),
  maxRootFields: integer('TASKTRACKER_MAX_ROOT_FIELDS', { min: 1, max: 10_000 }, DEFAULT_LIMITS.maxRootFields, 'Most fields at the root of one operation.'),
  maxCost: integer('TASKTRACKER_MAX_COST', { min: 1, max: 1_000_000_000 }, DEFAULT_LIMITS.maxCost, 'Highest cost of one operation: about how many objects it may read. A page multiplies what is in it.', { unit: 'objects' }),
  queryTimeoutMs: integer('TASKTRACKER_QUERY_TIMEOUT_MS', { min: 10, max: 60 * 60_000 }, DEFAULT_MAX_TIME_MS, 'How long one query or mutation, or one page of an export, may read from the database. Writes are not cut.', { unit: 'ms' }),
  maxVariablesBytes: integer('TASKTRACKER_MAX_VARIABLES_BYTES', { min: 2, max: 100 * 1024 * 1024 }, DEFAULT_LIMITS.maxVariablesBytes, 'Largest variables of one operation, as JSON.', { unit: 'bytes' }),
  maxVariablesDepth: integer('TASKTRACKER_MAX_VARIABLES_DEPTH', { min: 1, max: 200 }, DEFAULT_LIMITS.maxVariablesDepth, 'Deepest nesting of objects and lists in the variables of one operation. Metadata may have 32 levels of its own.', { unit: 'levels' }),
  bodyLimit: integer('TASKTRACKER_BODY_LIMIT', { min: 1_024, max: 100 * 1024 * 1024 }, 1024 * 1024, 'Largest HTTP body and WebSocket message that is taken.', { unit: 'bytes' }),
  feedRingSize: integer('TASKTRACKER_FEED_RING_SIZE', { min: 1, max: 10_000_000 }, 10_000, 'How many past changes can be replayed from memory.', { unit: 'events' }),
  subscriberQueue: integer('TASKTRACKER_SUBSCRIBER_QUEUE', { min: 1, max: 1_000_000 }, 1_000, 'How far a subscriber may fall behind before its subscription ends with SLOW_CONSUMER.', { unit: 'events' }),
  connectionQueueBytes: integer('TASKTRACKER_CONNECTION_QUEUE_BYTES', { min: 65_536, max: 1024 * 1024 * 1024 }, 16 * 1024 * 1024, 'How much may wait for all subscriptions of one WebSocket connection together; the one that exceeds it ends with SLOW_CONSUMER.', { unit: 'bytes' }),
  queueBytes: integer('TASKTRACKER_QUEUE_BYTES', { min: 65_536, max: 64 * 1024 * 1024 * 1024 }, 256 * 1024 * 1024, 'How much may wait for all WebSocket connections together, each event counted once; the subscription that exceeds it ends with SLOW_CONSUMER.', { unit: 'bytes' }),
  bookmarkIntervalMs: integer('TASKTRACKER_BOOKMARK_INTERVAL_MS', { min: 100, max: DAY_MS }, 10_000, 'A subscription that was sent nothing for this long is sent a BOOKMARK, so that its cursor stays fresh.', { unit: 'ms' }),
  statistics: choice('TASKTRACKER_STATISTICS', ['stream', 'aggregate'], 'stream', 'Where figures come from: `stream` keeps them in memory from the change stream, `aggregate` has the database count them when asked.'),
  checkpointIntervalMs: integer('TASKTRACKER_CHECKPOINT_INTERVAL_MS', { min: 1_000, max: DAY_MS }, 60_000, 'How often the figures in memory are saved in `task_tracker_checkpoints`, if anything changed, so that a restart need not read the collection.', { unit: 'ms' }),
  reconcileIntervalMs: integer('TASKTRACKER_RECONCILE_INTERVAL_MS', { min: 1_000, max: 30 * DAY_MS }, 15 * 60_000, 'About how often the counts in memory are compared with the database.', { unit: 'ms' }),
  maxExportRows: integer('TASKTRACKER_MAX_EXPORT_ROWS', { min: 1, max: 100_000_000 }, 100_000, 'Most rows of one export.', { unit: 'rows' }),
  maxExports: integer('TASKTRACKER_MAX_EXPORTS', { min: 1, max: 1_000 }, 4, 'Exports that may run at a time.'),
  alertsFile: optionalText('TASKTRACKER_ALERTS_FILE', 'A YAML file of alert rules and webhooks.', { shownDefault: 'none' }),
  alertsIntervalMs: integer('TASKTRACKER_ALERTS_INTERVAL_MS', { min: 100, max: 60 * 60_000 }, 10_000, 'How often alert rules are looked at.', { unit: 'ms' }),
  metrics: flag('TASKTRACKER_METRICS', true, 'Whether /metrics is served, for Prometheus.'),
  metricsToken: setting<string | undefined>(
    'TASKTRACKER_METRICS_TOKEN',
    z.string().regex(/^[\x21-\x7e]{20,1000}$/),
    undefined,
    '20 to 1000 printable ASCII characters without a space',
    'Who sends it as `Authorization: Bearer TOKEN` may read /metrics, and nothing else. Without it, callers who may administer and know of every queue may.',
    { shownDefault: 'none', secret: true },
  ),
  metricsQueues: integer('TASKTRACKER_METRICS_QUEUES', { min: 0, max: 10_000 }, 100, 'Queues with series of their own in /metrics; the others share one.', { unit: 'queues' }),
  metricsOperations: integer('TASKTRACKER_METRICS_OPERATIONS', { min: 0, max: 10_000 }, 100, 'Operation names with series of their own in /metrics; the others share one.', { unit: 'names' }),
  bulkLimit: integer('TASKTRACKER_BULK_LIMIT', { min: 1, max: 10_000_000 }, 10_000, 'Most executions of one bulk operation that gives no `limit`; at most TASKTRACKER_BULK_MAX_LIMIT.', { unit: 'executions' }),
  bulkMaxLimit: integer('TASKTRACKER_BULK_MAX_LIMIT', { min: 1, max: 10_000_000 }, 100_000, 'Highest `limit` that a bulk operation may give.', { unit: 'executions' }),
  bulkLeaseMs: integer('TASKTRACKER_BULK_LEASE_MS', { min: 1_000, max: 60 * 60_000 }, 15_000, 'How long a bulk operation or a run of retention is left alone when its replica may have died; then another goes on with it.', { unit: 'ms' }),
  retentionDlqDays: integer('TASKTRACKER_RETENTION_DLQ_DAYS', { min: 0, max: 36_500 }, DEFAULT_DAYS.deadLetters, 'Executions that have been in the dead-letter queue for so long are archived; 0 for never.', { unit: 'days' }),
  retentionArchivedDays: integer('TASKTRACKER_RETENTION_ARCHIVED_DAYS', { min: 0, max: 36_500 }, DEFAULT_DAYS.archived, 'Executions that have been archived for so long are deleted; 0 for never.', { unit: 'days' }),
  retentionCompletedDays: integer('TASKTRACKER_RETENTION_COMPLETED_DAYS', { min: 0, max: 36_500 }, DEFAULT_DAYS.completed, 'Executions that completed so long ago are deleted; 0 for never.', { unit: 'days' }),
  retentionIntervalMs: integer('TASKTRACKER_RETENTION_INTERVAL_MS', { min: 1_000, max: 30 * DAY_MS }, 60 * 60_000, 'Time between two runs of retention, whichever replica makes them; before the first of all, too.', { unit: 'ms' }),
  auditDays: integer('TASKTRACKER_AUDIT_DAYS', { min: 0, max: 24_855 }, 90, 'How long entries of the audit log are kept; 0 for ever.', { unit: 'days' }),
  maxOperationsPerSecond: integer('TASKTRACKER_MAX_OPERATIONS_PER_SECOND', { min: 0, max: 1_000_000 }, 500, 'Most operations that one caller may send in a second, over HTTP, WebSocket and /export together; 0 for any number. While no authentication is configured, a client address is a caller (of IPv6, one /64).', { unit: 'operations' }),
  operationsBurst: integer('TASKTRACKER_OPERATIONS_BURST', { min: 1, max: 1_000_000 }, 2_000, 'Most operations that one caller may send at once, when it has sent none for a while; at least what it may send in a second.', { unit: 'operations' }),
  maxSubscriptionsPerConnection: integer('TASKTRACKER_MAX_SUBSCRIPTIONS_PER_CONNECTION', { min: 1, max: 1_000_000 }, 100, 'Most subscriptions at a time on one WebSocket connection, and as many queries and mutations.'),
  maxConnectionsPerAddress: integer('TASKTRACKER_MAX_CONNECTIONS_PER_ADDRESS', { min: 0, max: 1_000_000 }, 2_000, 'Most WebSocket connections of one client address (of IPv6, one /64); 0 for any number. Behind a proxy all clients have its address, unless TASKTRACKER_TRUSTED_PROXIES names it.'),
  connectionInitTimeoutMs: integer('TASKTRACKER_CONNECTION_INIT_TIMEOUT_MS', { min: 100, max: DAY_MS }, 3_000, 'How long a WebSocket may stay without its connection_init message.', { unit: 'ms' }),
  keepAliveMs: integer('TASKTRACKER_KEEP_ALIVE_MS', { min: 100, max: DAY_MS }, 12_000, 'Time between WebSocket pings; a client that leaves one unanswered for as long is dropped.', { unit: 'ms' }),
  shutdownTimeoutMs: integer('TASKTRACKER_SHUTDOWN_TIMEOUT_MS', { min: 0, max: DAY_MS }, 5_000, 'How long a shutdown may take. Requests in flight are cut off when four fifths of it are over.', { unit: 'ms' }),
} satisfies Record<string, Setting<never> | Setting<string> | Setting<number> | Setting<boolean> | Setting<string | undefined> | Setting<readonly string[]>>;

type SettingName = keyof typeof SETTINGS;
type Settled<S> = S extends Setting<infer T> ? T : never;

/** Every setting, validated. Sizes and times are in the units that SETTINGS names. */
export type Config = { readonly [Name in SettingName]: Settled<(typeof SETTINGS)[Name]> };

/** A variable that cannot be used. */
export interface ConfigProblem {
  readonly variable: string;
  /** The value as given; undefined where it may be secret. */
  readonly value: string | undefined;
  readonly expected: string;
}

/** The environment holds values that cannot be used. The message names each variable and what would be right. */
export class ConfigError extends Error {
  override name = 'ConfigError';

  constructor(readonly problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ variable, value, expected }) =>
      value === undefined ? `${variable} must be ${expected}.` : `${variable} is ${JSON.stringify(value)}, but must be ${expected}.`,
    );
    super(lines.join('\n'));
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads and checks every setting. Unset and empty variables take the default; unknown variables are left alone.
 *
 * @param environment where to read from; by default the process's own environment, which nothing else reads.
 * @throws ConfigError naming every variable that is wrong, not only the first.
 */
export function loadConfig(environment: Environment = process.env): Config {
  const problems: ConfigProblem[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, each] of Object.entries(SETTINGS)) {
    const definition: Setting<unknown> = each;
    const given = environment[definition.env]?.trim();
    if (given === undefined || given === '') {
      values[name] = definition.fallback;
      continue;
    }
    const parsed = definition.schema.safeParse(given);
    if (parsed.success) values[name] = parsed.data;
    else problems.push({ variable: definition.env, value: definition.secret ? undefined : given, expected: definition.expected });
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return values as Config;
}

/** The table of settings as Markdown, for the README. */
export function renderConfigTable(): string {
  const rows = Object.values(SETTINGS).map((each) => {
    const definition: Setting<unknown> = each;
    const shown = definition.shownDefault ?? `\`${String(definition.fallback)}\`${definition.unit ? ` ${definition.unit}` : ''}`;
    return `| \`${definition.env}\` | ${shown} | ${definition.description} |`;
  });
  return ['| variable | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

/**
 * Variables that are named as settings are and that nothing reads, with what was probably meant.
 *
 * @param others names that something else reads: the file of alert rules
 */
export function unknownSettings(environment: Environment = process.env, others: Iterable<string> = []): UnknownVariable[] {
  return unknownVariables(Object.keys(environment), [...Object.values(SETTINGS).map(({ env }) => env), ...others]);
}

/** The values of the settings that are secret, as they are given; usable or not. */
export function secretValues(environment: Environment = process.env): string[] {
  const definitions: Setting<unknown>[] = Object.values(SETTINGS);
  return definitions.filter(({ secret }) => secret).flatMap(({ env }) => environment[env]?.trim() || []);
}

/** Looks up the environment variables that a file of alert rules names. */
export function variableLookup(environment: Environment = process.env): (name: string) => string | undefined {
  return (name) => environment[name];
}

/** Whether the terminal can do no more than print lines. */
export function isDumbTerminal(environment: Environment = process.env): boolean {
  return environment['TERM'] === 'dumb';
}

/** Whether npm started this process (`npm start`). */
export function isRunByNpm(environment: Environment = process.env): boolean {
  return environment['npm_lifecycle_event'] !== undefined;
}

/** Whether the environment asks for debugging output; answers also where the environment cannot be used otherwise. */
export function isDebugging(environment: Environment = process.env): boolean {
  return ['debug', 'trace'].includes(environment[SETTINGS.logLevel.env]?.trim() ?? '');
}
