import { type DocumentNode, getNamedType, getNullableType, GraphQLError, isCompositeType, isListType, Kind } from 'graphql';
import { type ComplexityEstimator, getComplexity } from 'graphql-query-complexity';

import type { CheapOperations, CostRequest } from './cheap-operations.js';
import { limitError } from './options.js';

/** Rows of a page where neither `first` nor `last` is given, and the most that a page may have. */
const DEFAULT_PAGE = 50;
const MAX_PAGE = 200;

/** Cost of what asks the database by itself, in objects. */
const OWN_READ = 10;
const OWN_READS = new Set(['TaskTrackerConnection.totalCount', 'Queue.stats', 'Queue.oldestQueuedAt', 'Queue.stuckCount', 'Queue.throughput', 'Queue.history', 'Query.throughput', 'Query.errorGroups']);

/** About how many entries a list has that is no page: a task's attempts (one and five retries), the queues of an installation. */
const LIST_SIZES: Readonly<Record<string, number>> = { 'RetryChain.attempts': 6, 'Query.queues': 50, 'BulkPreview.sample': 20 };
const OTHER_LIST = 10;

/** Fields that are a list of as many rows as `first` says, by default 20. */
const FIRST_ROWS = new Set(['Query.errorGroups', 'Query.bulkOperations']);
const DEFAULT_GROUPS = 20;

/** Series of figures: intervals that are kept together, so many of them count as one object. */
const SERIES = new Set(['Queue.throughput', 'Queue.history', 'Query.throughput', 'ErrorGroup.failures']);
const INTERVALS_AN_OBJECT = 20;
const MAX_INTERVALS = 1_440;
const DAY_MS = 24 * 60 * 60_000;
const WIDTHS: Readonly<Record<string, number>> = { MINUTE: 60_000, FIVE_MINUTES: 300_000, HOUR: 3_600_000, DAY: DAY_MS };

/** How many intervals a series has, by its arguments; ranges that are too large are refused where they are read. */
function intervals({ from, to, interval }: Readonly<Record<string, unknown>>): number {
  const start = from instanceof Date ? from.getTime() : Date.now() - DAY_MS;
  const end = to instanceof Date ? to.getTime() : Date.now();
  const count = Math.ceil((end - start) / (WIDTHS[String(interval)] ?? WIDTHS['MINUTE'] ?? 1));
  return Math.min(MAX_INTERVALS, Math.max(1, Number.isFinite(count) ? count : MAX_INTERVALS));
}

/** Types that hold the rows of one page, as many as the field's arguments say. */
function isPage(name: string): boolean {
  return name.endsWith('Connection') || name === 'TaskListChange';
}

function pageSize(args: Readonly<Record<string, unknown>>): number {
  const asked = args['first'] ?? args['last'];
  const rows = typeof asked === 'number' ? asked : DEFAULT_PAGE;
  // Sizes out of bounds are refused where pages are read, with an error that names the argument.
  return Math.min(MAX_PAGE, Math.max(1, rows));
}

/**
 * About how many objects a field reads: an object is 1, with what is selected in it; a list multiplies that by its
 * length; the figures that may ask the database by themselves are 10, and twenty intervals of a series are one more;
 * other values come with their object and are free.
 */
const objectsRead: ComplexityEstimator = ({ type, field, args, childComplexity }) => {
  const coordinate = `${type.name}.${field.name}`;
  if (field.name.startsWith('__')) return 0;
  const named = getNamedType(field.type);
  const own = OWN_READS.has(coordinate) ? OWN_READ : 0;
  if (!isCompositeType(named)) return own;
  if (isPage(named.name)) return own + 1 + pageSize(args) * Math.max(1, childComplexity);
  if (SERIES.has(coordinate)) return own + Math.ceil(intervals(args) / INTERVALS_AN_OBJECT) * (1 + childComplexity);
  if (FIRST_ROWS.has(coordinate)) return own + pageSize({ first: args['first'] ?? DEFAULT_GROUPS }) * (1 + childComplexity);
  // The rows of a page were multiplied with the page.
  const ofPage = isPage(type.name);
  const list = isListType(getNullableType(field.type)) && !ofPage;
  return own + (list ? (LIST_SIZES[coordinate] ?? OTHER_LIST) : 1) * (1 + childComplexity);
};

/** Whether the operation asks for anything but the schema and its own type name: introspection is free. */
function asksForData(document: DocumentNode): boolean {
  return document.definitions.some(
    (definition) =>
      definition.kind === Kind.OPERATION_DEFINITION &&
      definition.selectionSet.selections.some((selection) => selection.kind !== Kind.FIELD || !selection.name.value.startsWith('__')),
  );
}

/**
 * What the operation costs, in objects read. The document must have passed validation. Throws a GraphQLError for
 * variables that do not fit, and for a document whose fragments multiply beyond what is worth measuring.
 */
export function costOf({ schema, document, operationName, variables }: CostRequest): number {
  if (!asksForData(document)) return 0;
  return getComplexity({
    schema,
    query: document,
    estimators: [objectsRead],
    variables: { ...variables },
    ...(operationName ? { operationName } : {}),
  });
}

/**
 * What is wrong with the cost of an operation; empty where nothing is. Never throws.
 * @param cheap operations that were measured under the same limit
 */
export function checkCost(request: CostRequest, limit: number, cheap: CheapOperations): readonly GraphQLError[] {
  if (cheap.has(request)) return [];
  let actual: number;
  try {
    actual = costOf(request);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    // Variables that do not fit are reported by the execution, with all of them and under their own code.
    if (error.nodes?.length) return [];
    return [limitError('QUERY_TOO_COSTLY', 'The operation spreads fragments so often that its cost cannot be measured.', { limit })];
  }
  if (actual <= limit) {
    cheap.add(request);
    return [];
  }
  const message = `The operation may read about ${actual} objects; at most ${limit} are allowed. Ask for smaller pages (first, last), or nest fewer lists.`;
  return [limitError('QUERY_TOO_COSTLY', message, { limit, actual })];
}
