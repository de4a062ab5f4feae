import mongoose from 'mongoose';

import type { Execution } from '../model/execution.js';
import { directionOf, isCertainPosition, positionOf, type Position } from '../queries/keyset.js';
import type { TaskOrder } from '../queries/types.js';

const { EJSON } = mongoose.mongo.BSON;

/** An execution with its place in an order. */
export interface Row {
  readonly key: string;
  readonly execution: Execution;
  /** Null where it cannot be told from the document. */
  readonly position: Position | null;
}

/** A text for an `_id` of any type, the same in a change and in a document that was read. */
export function documentKey(id: unknown): string {
  if (typeof id === 'object' && id !== null && '_bsontype' in id && id._bsontype === 'ObjectId') return String(id);
  return EJSON.stringify([id], { relaxed: false });
}

export function rowOf(execution: Execution, order: TaskOrder): Row {
  const { stored } = execution;
  const position = positionOf(stored, order.field, directionOf(order));
  return { key: documentKey(execution._id), execution, position: isCertainPosition(stored, order.field, position) ? position : null };
}
