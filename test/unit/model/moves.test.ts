import { describe, expect, it } from 'vitest';

import { MOVE_NAMES, MOVES, outcomeOf, renderMovesNotes, renderMovesTable } from '../../../src/model/moves.js';
import type { MoveName } from '../../../src/model/moves.js';
import { ACTIVE_STATUSES, ShownStatus, TASK_STATUSES } from '../../../src/model/status.js';

const SHOWN = Object.values(ShownStatus);

/** The table as the design has it, one letter a state: + allowed, = already there, A ALREADY_STARTED, x INVALID_TRANSITION. */
const EXPECTED: Readonly<Record<Exclude<MoveName, 'enqueueTask'>, string>> = {
  //              queued processing completed failed dlq archived unknown
  startTask: /*     */ '+AAAAAx',
  completeTask: /*  */ 'x+=xxxx',
  failTask: /*      */ 'x+x==xx',
  retryTask: /*     */ 'xxx++xx',
  moveTaskToDlq: /* */ 'xxx+xxx',
  archiveTask: /*   */ 'xxxx+xx',
  retention: /*     */ 'xxxx+xx',
};

function letterOf(name: MoveName, status: ShownStatus): string {
  const outcome = outcomeOf(MOVES[name], status);
  if (outcome.kind === 'allowed') return '+';
  if (outcome.kind === 'already') return '=';
  return outcome.code === 'ALREADY_STARTED' ? 'A' : outcome.code === 'INVALID_TRANSITION' ? 'x' : '?';
}

describe('the table of moves', () => {
  it.each(Object.entries(EXPECTED))('says of %s what the design says, for every status', (name, letters) => {
    expect(SHOWN.map((status) => letterOf(name as MoveName, status)).join('')).toBe(letters);
  });

  it('has no execution to ask about when one is enqueued', () => {
    expect([null, ...SHOWN].map((status) => outcomeOf(MOVES.enqueueTask, status).kind)).toEqual(
      Array.from({ length: SHOWN.length + 1 }, () => 'allowed'),
    );
  });

  it('refuses every other move on an execution that does not exist with NOT_FOUND', () => {
    for (const name of MOVE_NAMES.filter((each) => each !== 'enqueueTask')) {
      expect(outcomeOf(MOVES[name], null), name).toEqual({ kind: 'refused', code: 'NOT_FOUND' });
    }
  });

  it('never lets anything leave completed or archived', () => {
    for (const name of MOVE_NAMES) {
      expect(MOVES[name].from).not.toContain('completed');
      expect(MOVES[name].from).not.toContain('archived');
    }
  });

  it('reaches every status from nothing', () => {
    const reached = new Set<string>();
    for (let grown = true; grown; ) {
      const before = reached.size;
      for (const { from, to, previousBecomes } of Object.values(MOVES)) {
        const open = from.filter((status) => reached.has(status));
        if (from.length > 0 && open.length === 0) continue;
        for (const { status } of to) reached.add(status);
        for (const status of open) reached.add(previousBecomes[status] ?? status);
      }
      grown = reached.size > before;
    }
    expect([...reached].sort()).toEqual([...TASK_STATUSES].sort());
  });

  it('keeps from, already-there and refused states apart', () => {
    for (const { name, from, alreadyIn, refusedIn } of Object.values(MOVES)) {
      const all = [...from, ...alreadyIn, ...Object.keys(refusedIn)];
      expect(new Set(all).size, name).toBe(all.length);
    }
  });

  it('counts queued and processing as active', () => {
    expect(ACTIVE_STATUSES).toEqual(['queued', 'processing']);
  });
});

describe('the table of moves in Markdown', () => {
  it('has a header and one row of five cells for each move, in the order of a life', () => {
    const lines = renderMovesTable().split('\n');
    expect(lines.slice(0, 2)).toEqual(['| Move | From | To | Sets | Refused with |', '| --- | --- | --- | --- | --- |']);
    expect(lines.slice(2).map((line) => /^\| `(\w+)` \|/.exec(line)?.[1])).toEqual([...MOVE_NAMES]);
    for (const line of lines) expect(line.split(' | ').length, line).toBe(5);
  });

  it('names states, fields and codes of a row', () => {
    const row = renderMovesTable()
      .split('\n')
      .find((line) => line.includes('`failTask`'));
    expect(row).toBe(
      '| `failTask` | processing | failed (recoverable and retryCount < maxRetries); dlq (not recoverable, or retryCount ≥ maxRetries) ' +
        '| failedAt; errorMessage; errorCategory; errorStack | INVALID_TRANSITION: any other state<br>`changed: false`, no error: failed, dlq |',
    );
  });

  it('lists each note with the move that it belongs to', () => {
    const notes = renderMovesNotes().split('\n');
    expect(notes.every((line) => line.startsWith('- '))).toBe(true);
    expect(notes.filter((line) => line.startsWith('- `retryTask`: '))).toHaveLength(MOVES.retryTask.notes.length);
  });
});
