import { type Execution, type StoredDocument, toExecution } from '../model/execution.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import type { StoredExecutions } from './executions.js';
import { conjunction, type MongoFilter } from './filter-to-mongo.js';
import { behind, dateRange, type Direction, directionOf, notDates, type Position, positionOf } from './keyset.js';
import type { Page, PageEdge, PageRequest, SliceRequest, TaskOrder, TaskOrderField } from './types.js';
import { oneOf, refuse, wholeNumber } from './validate.js';

export const MAX_PAGE_SIZE = 200;
export const DEFAULT_PAGE_SIZE = 50;

export const DEFAULT_ORDER: TaskOrder = { field: 'enqueuedAt', direction: 'DESC' };
const ORDER_FIELDS: readonly TaskOrderField[] = ['enqueuedAt', 'updatedAt', 'failedAt', 'processingStartedAt'];

/** A page's arguments, checked. */
export interface PageArguments {
  readonly order: TaskOrder;
  readonly size: number;
  readonly backward: boolean;
  readonly start: Position | undefined;
}

export function validateOrder(order: TaskOrder | null | undefined): TaskOrder {
  if (order === null || order === undefined) return DEFAULT_ORDER;
  if (typeof order !== 'object') return refuse(['orderBy'], 'must be an object');
  return {
    field: oneOf(ORDER_FIELDS)(order.field, ['orderBy', 'field']),
    direction: oneOf(['ASC', 'DESC'] as const)(order.direction, ['orderBy', 'direction']),
  };
}

/** @throws InvalidInputError naming the argument */
export function pageArguments(request: Omit<PageRequest, 'filter'>): PageArguments {
  const order = validateOrder(request.orderBy);
  const first = request.first ?? undefined;
  const last = request.last ?? undefined;
  const after = request.after ?? undefined;
  const before = request.before ?? undefined;
  if (last !== undefined && first !== undefined) return refuse(['last'], 'cannot be given together with first: a page goes forwards or backwards');
  if (after !== undefined && before !== undefined) return refuse(['before'], 'cannot be given together with after: a page goes forwards or backwards');
  if (last !== undefined && after !== undefined) return refuse(['after'], 'goes with first; last takes before');
  if (first !== undefined && before !== undefined) return refuse(['before'], 'goes with last; first takes after');
  const backward = last !== undefined || before !== undefined;
  const size = first ?? last;
  const cursor = after ?? before;
  return {
    order,
    backward,
    size: size === undefined ? DEFAULT_PAGE_SIZE : wholeNumber(size, [backward ? 'last' : 'first'], 1, MAX_PAGE_SIZE),
    start: cursor === undefined ? undefined : decodeCursor(cursor, order, [backward ? 'before' : 'after']),
  };
}

class RowEdge implements PageEdge {
  readonly node: Execution;
  readonly #order: TaskOrder;
  readonly #direction: Direction;

  constructor(row: StoredDocument, order: TaskOrder, direction: Direction) {
    this.node = toExecution(row);
    this.#order = order;
    this.#direction = direction;
  }

  /** Most are never asked for. */
  get cursor(): string {
    return encodeCursor(this.#order, positionOf(this.node.stored, this.#order.field, this.#direction));
  }
}

/**
 * One page by keyset: it starts behind a position, not after a number of rows, so rows that are inserted meanwhile
 * neither repeat nor hide others, and the hundredth page costs what the first does.
 *
 * Backwards is MongoDB's opposite order, which is the reverse of the order for all values but lists of several entries:
 * such a row is still met once on the way forwards and once on the way back, but not at the same place.
 */
export async function readPage(executions: StoredExecutions, filter: MongoFilter, { order, size, backward, start }: PageArguments): Promise<Page> {
  const forward = directionOf(order);
  const direction: Direction = backward ? (forward === 1 ? -1 : 1) : forward;
  const rows = await rowsBehind(executions, filter, order, direction, start, size + 1);
  const more = rows.length > size;
  if (more) rows.length = size;
  if (backward) rows.reverse();
  const edges = rows.map((row) => new RowEdge(row, order, direction));
  return backward
    ? { edges, hasPreviousPage: more, hasNextPage: start !== undefined }
    : { edges, hasNextPage: more, hasPreviousPage: start !== undefined };
}

/** The first rows of a list, or of what is behind a place in it. */
export async function readSlice(
  executions: StoredExecutions,
  filter: MongoFilter,
  { orderBy: order, behind: last, limit }: Omit<SliceRequest, 'filter'>,
): Promise<readonly Execution[]> {
  const direction = directionOf(order);
  const start = last === null ? undefined : positionOf(last.stored, order.field, direction);
  return (await rowsBehind(executions, filter, order, direction, start, limit)).map(toExecution);
}

async function rowsBehind(
  executions: StoredExecutions,
  filter: MongoFilter,
  order: TaskOrder,
  direction: Direction,
  start: Position | undefined,
  limit: number,
): Promise<StoredDocument[]> {
  const sort = { [order.field]: direction, _id: direction } as const;
  if (!start) return executions.find(filter, { sort, limit });
  const rest = behind(order.field, start, direction);
  const range = dateRange(order.field, start, direction);
  if (!range) return executions.find(conjunction([filter, rest]), { sort, limit });
  const rows = await executions.find(conjunction([filter, range, rest]), { sort, limit });
  if (rows.length === limit || onlyDates(filter, order.field)) return rows;
  return [...rows, ...(await executions.find(conjunction([filter, notDates(order.field), rest]), { sort, limit: limit - rows.length }))];
}

/** Whether the filter itself asks for dates in the field, so that nothing else can match. */
function onlyDates(filter: MongoFilter, field: string): boolean {
  const condition = filter[field];
  return typeof condition === 'object' && condition !== null && ('$gt' in condition || '$lt' in condition);
}
