import { type Config, SETTINGS } from '../config.js';

/** A limit as a client meets it. */
export interface LimitDescription {
  readonly limit: string;
  /** The setting that holds it; null where it is fixed. */
  readonly setting: keyof Config | null;
  /** Of a fixed one. */
  readonly fixed?: string;
  /** `extensions.code` of the error. */
  readonly code: string;
  /** HTTP status; null where the limit is one of WebSockets alone. */
  readonly status: number | null;
  /** What the error says, with `…` where it holds a figure or a name. */
  readonly says: string;
}

const SLOW = 'This client reads too slowly: …';

/** Every limit on what clients ask, in the order in which an operation meets them. */
export const LIMITS: readonly LimitDescription[] = [
  { limit: 'WebSocket connections of one client address', setting: 'maxConnectionsPerAddress', code: 'TOO_MANY_CONNECTIONS', status: 429, says: 'This address has as many WebSocket connections as one client may have (…): close some, or let them share one.' },
  { limit: 'Failed sign-ins of one client address in a minute', setting: 'maxFailedAuthentications', code: 'TOO_MANY_FAILED_ATTEMPTS', status: 429, says: 'This address has shown wrong keys or tokens too often: try again later.' },
  { limit: 'Operations of one caller in a second', setting: 'maxOperationsPerSecond', code: 'RATE_LIMITED', status: 429, says: 'One caller may send … operations a second, over all its connections: try again in … ms.' },
  { limit: 'Exports that run', setting: 'maxExports', code: 'TOO_MANY_EXPORTS', status: 503, says: 'As many exports run as may at a time (…): try again when one has ended.' },
  { limit: 'HTTP body, WebSocket message', setting: 'bodyLimit', code: 'PAYLOAD_TOO_LARGE', status: 413, says: 'Request body is too large' },
  { limit: 'Documents, where only trusted ones are run', setting: 'trustedDocuments', code: 'UNTRUSTED_DOCUMENT', status: 400, says: 'Only trusted documents are run here, and this is none of them (its SHA-256 is …).' },
  { limit: 'Hashes without a document', setting: null, fixed: '1,000 texts are kept', code: 'PERSISTED_QUERY_NOT_FOUND', status: 200, says: 'PersistedQueryNotFound' },
  { limit: 'Tokens of an operation', setting: 'maxTokens', code: 'GRAPHQL_PARSE_FAILED', status: 400, says: 'Syntax Error: Document contains more that … tokens. Parsing aborted.' },
  { limit: 'Brackets that are open at once in the text of an operation', setting: null, fixed: '500', code: 'QUERY_TOO_DEEP', status: 400, says: 'The text of the operation nests brackets deeper than ….' },
  { limit: 'Depth of an operation', setting: 'maxDepth', code: 'QUERY_TOO_DEEP', status: 400, says: 'The operation nests fields … deep; at most … are allowed.' },
  { limit: 'Fields at the root of an operation', setting: 'maxRootFields', code: 'TOO_MANY_ROOT_FIELDS', status: 400, says: 'The operation selects … fields at its root; at most … are allowed. Send several operations.' },
  { limit: 'Aliases', setting: 'maxAliases', code: 'TOO_MANY_ALIASES', status: 400, says: 'The document has … aliases; at most … are allowed.' },
  { limit: 'Directives', setting: null, fixed: '50', code: 'TOO_MANY_DIRECTIVES', status: 400, says: 'The document has … directives; at most … are allowed.' },
  { limit: 'Questions about the schema', setting: 'introspection', code: 'INTROSPECTION_DISABLED', status: 400, says: 'Introspection is switched off here: the schema cannot be asked about itself.' },
  { limit: 'Depth of the variables', setting: 'maxVariablesDepth', code: 'VARIABLES_TOO_DEEP', status: 400, says: 'The variables nest deeper than … levels.' },
  { limit: 'Size of the variables', setting: 'maxVariablesBytes', code: 'VARIABLES_TOO_LARGE', status: 400, says: 'The variables take … bytes as JSON; at most … are allowed.' },
  { limit: 'Mistakes in the variables, and of large ones any', setting: null, fixed: '50, and 1 above 16 KiB', code: 'BAD_USER_INPUT', status: 400, says: 'The variables do not fit their types. The first mistake: …' },
  { limit: 'Cost of an operation', setting: 'maxCost', code: 'QUERY_TOO_COSTLY', status: 400, says: 'The operation may read about … objects; at most … are allowed. Ask for smaller pages (first, last), or nest fewer lists.' },
  { limit: 'Time in which an operation may read', setting: 'queryTimeoutMs', code: 'QUERY_TIMEOUT', status: 200, says: 'The database did not answer within … ms. Ask for less: a narrower filter, or a shorter span of time.' },
  { limit: 'Subscriptions of one connection', setting: 'maxSubscriptionsPerConnection', code: 'TOO_MANY_SUBSCRIPTIONS', status: null, says: 'This connection has as many subscriptions as one may have (…): complete some, or open another connection.' },
  { limit: 'Queries and mutations in flight on one connection', setting: 'maxSubscriptionsPerConnection', code: 'TOO_MANY_REQUESTS', status: null, says: 'This connection has as many queries and mutations in flight as one may have (…): wait for some to end.' },
  { limit: 'Rows of an export', setting: 'maxExportRows', code: 'EXPORT_TOO_LARGE', status: 400, says: 'filter: it finds … executions, and an export has at most …. Narrow the filter, or ask for the first with limit=….' },
  { limit: 'Events that wait for one subscription', setting: 'subscriberQueue', code: 'SLOW_CONSUMER', status: null, says: SLOW },
  { limit: 'Bytes that wait for one connection', setting: 'connectionQueueBytes', code: 'SLOW_CONSUMER', status: null, says: SLOW },
  { limit: 'Bytes that wait for all connections', setting: 'queueBytes', code: 'SLOW_CONSUMER', status: null, says: SLOW },
];

function defaultOf({ setting, fixed }: LimitDescription): string {
  if (setting === null) return `${fixed ?? ''}, fixed`;
  const { env, fallback, unit, shownDefault } = SETTINGS[setting] as { env: string; fallback: unknown; unit?: string; shownDefault?: string };
  const shown = shownDefault ?? (typeof fallback === 'number' ? fallback.toLocaleString('en') : String(fallback));
  return `${shown}${unit === undefined ? '' : ` ${unit}`}<br>\`${env}\``;
}

/** The table of limits as Markdown, for the documentation. */
export function renderLimitsTable(): string {
  const rows = LIMITS.map((each) => `| ${each.limit} | ${defaultOf(each)} | \`${each.code}\` | ${each.status ?? '–'} | ${each.says} |`);
  return ['| limit | default, setting | code | HTTP | what the error says |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}
