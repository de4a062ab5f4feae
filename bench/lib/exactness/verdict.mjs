/** What each client has seen, against what was written and what the database has. */

const SHOWN = 5;

/**
 * @param watch what it was, and what it was to see
 * @param seen by executionId: keys of the states that its changes told, in the order they came
 */
export function judge(watch, seen, ledger) {
  const examples = [];
  const verdict = { missed: 0, backwards: 0, phantoms: 0, repeated: 0 };
  const note = (what, executionId, detail) => {
    verdict[what] += 1;
    if (examples.length < SHOWN) examples.push(`${what}: ${executionId} ${detail}`);
  };
  for (const [executionId, keys] of Object.entries(seen)) {
    const written = ledger.executions.get(executionId);
    // An execution whose writer never heard that it had made it: nothing is known of its states.
    if (written === undefined) continue;
    let last = -1;
    for (const key of keys) {
      const place = written.keys.get(key);
      if (place === undefined) note('phantoms', executionId, key);
      else if (place < last) note('backwards', executionId, `${written.states[last].key} then ${key}`);
      else if (place === last) verdict.repeated += 1;
      last = Math.max(last, place ?? last);
    }
  }
  if (watch.complete) {
    for (const [executionId, written] of ledger.executions) {
      if (!watch.complete(written)) continue;
      const told = new Set(seen[executionId]);
      for (const { key, sure } of written.states) if (sure && !told.has(key)) note('missed', executionId, key);
    }
  }
  return { ...verdict, examples };
}

/** Rows that one side has and the other has not, a few of each. */
export function difference(expected, shown) {
  const [wanted, found] = [new Set(expected), new Set(shown)];
  return {
    lacking: expected.filter((row) => !found.has(row)).slice(0, SHOWN),
    surplus: shown.filter((row) => !wanted.has(row)).slice(0, SHOWN),
  };
}

