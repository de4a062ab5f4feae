/** What was written and acknowledged, and whether a subscriber was told of all that it had to be told of. */
export class SoakLedger {
  /** By queue, in the order of acknowledgement: { key, startedAt, ackedAt }. */
  #byQueue = new Map();
  #startedAt = new Map();
  acknowledged = 0;

  static keyOf(executionId, status) {
    return `${executionId} ${status}`;
  }

  /** @param startedAt, ackedAt by the monotonic clock, in ms */
  add(queueName, executionId, status, startedAt, ackedAt) {
    const key = SoakLedger.keyOf(executionId, status);
    const writes = this.#byQueue.get(queueName) ?? [];
    this.#byQueue.set(queueName, writes);
    writes.push({ key, startedAt, ackedAt });
    this.#startedAt.set(key, startedAt);
    this.acknowledged += 1;
  }

  /**
   * The feed tells changes in the order of the database, so whoever has seen a write has been told of each that was
   * acknowledged before that one began.
   * @param life { queueName, listedAt, liveAt, endedAt, seen: keys }
   * @returns how many writes it had to see, which of them it did not, and whether it saw nothing though there was much
   */
  judge({ queueName, listedAt, liveAt, endedAt, seen }) {
    const told = new Set(seen);
    const newest = seen.reduce((latest, key) => Math.max(latest, this.#startedAt.get(key) ?? 0), 0);
    let required = 0;
    let during = 0;
    const missed = [];
    const writes = this.#byQueue.get(queueName) ?? [];
    for (let at = writes.length - 1; at >= 0 && writes[at].ackedAt > listedAt; at -= 1) {
      const { key, startedAt, ackedAt } = writes[at];
      if (startedAt <= listedAt) continue;
      if (liveAt !== null && startedAt > liveAt && ackedAt < endedAt - 5_000) during += 1;
      if (ackedAt >= newest) continue;
      required += 1;
      if (!told.has(key)) missed.push(key);
    }
    return { required, missed, starved: during >= 20 && seen.length === 0 };
  }
}
