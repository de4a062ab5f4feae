import type { QueueScope } from '../access/queue-scope.js';
import type { StoredDocument } from '../model/execution.js';
import type { MongoFilter } from './filter-to-mongo.js';

/**
 * The documents in a scope: those whose stored queueName is one text that fits. One that names several queues, or none, is
 * nobody's. In MongoDB's language a list matches where an entry does, so lists are left out by name.
 * `isWithin` says the same about one document; a property test holds the two together.
 */
export function scopeCondition(scope: QueueScope): MongoFilter {
  const { names } = scope;
  const fits = names === null ? { $type: 'string', $regex: scope.source } : { $in: [...names] };
  return { queueName: { ...fits, $not: { $type: 'array' } } };
}

export function isWithin(scope: QueueScope, { queueName }: StoredDocument): boolean {
  return typeof queueName === 'string' && scope.includes(queueName);
}
