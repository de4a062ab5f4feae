export interface TaskIdParts {
  /** The part before the first ':', or the whole taskId where there is none. */
  queueType: string;
  /** The part after the first ':', or '' where there is none. */
  naturalKey: string;
}

/** Splits a taskId of the form `{queueType}:{naturalKey}`; the natural key may itself contain ':'. */
export function splitTaskId(taskId: string): TaskIdParts {
  const colon = taskId.indexOf(':');
  if (colon < 0) return { queueType: taskId, naturalKey: '' };
  return { queueType: taskId.slice(0, colon), naturalKey: taskId.slice(colon + 1) };
}
