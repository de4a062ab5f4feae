import type { Feed, TaskChangeEvent } from '../../feed/types.js';
import type { QueueCounts, QueueFigures } from '../../stats/types.js';
import { isDatabaseUnavailable } from '../errors.js';
import { coalesce, EVERY_KEY } from './coalesce.js';
import type { EndableIterator } from './iterators.js';

/** Whether an update can have moved an execution from one count to another. */
function movesCounts({ kind, changedFields }: TaskChangeEvent): boolean {
  if (kind === 'BOOKMARK') return false;
  if (kind !== 'UPDATED' || changedFields.length === 0) return true;
  return changedFields.includes('status') || changedFields.includes('queueName');
}

/** The queues whose counts an event changes. Which queue a removed or renamed execution was in is not always known. */
export function queuesOf(event: TaskChangeEvent): readonly (string | typeof EVERY_KEY)[] {
  if (!movesCounts(event)) return [];
  const { kind, task, before, changedFields } = event;
  const leavesUnknown = before === null && (kind === 'REMOVED' || (kind === 'UPDATED' && (task === null || changedFields.includes('queueName'))));
  if (leavesUnknown) return [EVERY_KEY];
  return [...new Set([task, before].flatMap((execution) => (execution ? [execution.queueName] : [])))];
}

/**
 * The counts of one queue, or of every queue where `queueName` is null: at once, then after changes, at most once per
 * `minIntervalMs` for each queue. The last state always comes.
 */
export function watchQueueStats(
  parts: { readonly feed: Feed; readonly statistics: QueueFigures },
  queueName: string | null,
  minIntervalMs: number,
): EndableIterator<QueueCounts> {
  const { feed, statistics } = parts;
  const concerns = (name: string | typeof EVERY_KEY): boolean => queueName === null || name === EVERY_KEY || name === queueName;
  return coalesce<TaskChangeEvent, string, QueueCounts>({
    source: feed.subscribe({ accepts: (event) => queuesOf(event).some(concerns), bookmarks: false, hints: true }),
    keysOf: queuesOf,
    initial: [EVERY_KEY],
    minIntervalMs,
    isTransient: isDatabaseUnavailable,
    async read(stale) {
      if (queueName !== null) return [await statistics.queueCounts(queueName)];
      const known = stale.has(EVERY_KEY) ? await statistics.queueNames() : [];
      const changed = [...stale].filter((name) => name !== EVERY_KEY);
      return statistics.manyQueueCounts([...new Set([...known, ...changed])]);
    },
  });
}
