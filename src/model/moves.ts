import { TaskStatus, type ShownStatus } from './status.js';

/** Why a move is refused: the codes that an API client sees. */
export type MoveRefusalCode =
  | 'NOT_FOUND'
  | 'INVALID_TRANSITION'
  | 'ALREADY_STARTED'
  | 'DUPLICATE_EXECUTION'
  | 'RETRIES_EXHAUSTED'
  | 'CONFLICT';

export type MoveName =
  | 'enqueueTask'
  | 'startTask'
  | 'completeTask'
  | 'failTask'
  | 'retryTask'
  | 'moveTaskToDlq'
  | 'archiveTask'
  | 'retention';

export interface MoveTarget {
  readonly status: TaskStatus;
  /** In words, where the move has more than one target: when it is this one. */
  readonly when?: string;
}

export interface MoveRefusal {
  readonly code: MoveRefusalCode;
  readonly when: string;
}

/** One row of the table of moves. */
export interface Move {
  readonly name: MoveName;
  /** One sentence for documentation. */
  readonly description: string;
  /** The states in which the move can be made; none: it needs no execution to start from. */
  readonly from: readonly TaskStatus[];
  /** Where the execution ends up; where `creates` is true: where the new execution begins. */
  readonly to: readonly MoveTarget[];
  /** Whether the move makes a new execution (document). */
  readonly creates: boolean;
  /** For a move that creates one execution from another: where the other one ends up, by where it stood. */
  readonly previousBecomes: Readonly<Partial<Record<TaskStatus, TaskStatus>>>;
  /** Fields written besides `status` and `updatedAt`, which every move writes. */
  readonly sets: readonly string[];
  /** States in which the move has nothing to do: it answers `changed: false` and writes nothing. */
  readonly alreadyIn: readonly TaskStatus[];
  /** The code for a state that is neither in `from` nor in `alreadyIn`, where it is not INVALID_TRANSITION. */
  readonly refusedIn: Readonly<Partial<Record<ShownStatus, MoveRefusalCode>>>;
  /** Refusals that do not follow from the state of the execution alone. */
  readonly furtherRefusals: readonly MoveRefusal[];
  readonly notes: readonly string[];
}

/** `archivedReason` of a dead-lettered execution that was retried; an operator's reason follows after ': '. */
export const MANUAL_RETRY_REASON = 'Manual retry initiated';

/** `archivedBy` of what retention archives. */
export const RETENTION_ACTOR = 'system:retention';

/** How long an execution stays in the dead-letter queue before retention archives it, unless configured: days. */
export const DEFAULT_RETENTION_DAYS = 7;

/** `archivedReason` of what retention archives. */
export function retentionReason(days: number): string {
  return `Auto-archived after ${days} days`;
}

const { QUEUED, PROCESSING, COMPLETED, FAILED, DLQ, ARCHIVED } = TaskStatus;

const NOTHING_MORE = {
  creates: false,
  previousBecomes: {},
  sets: [],
  alreadyIn: [],
  refusedIn: {},
  furtherRefusals: [],
  notes: [],
} as const;

const ROWS: Readonly<Record<MoveName, Omit<Move, 'name'>>> = {
  enqueueTask: {
    ...NOTHING_MORE,
    description: 'A producer puts a task in its queue.',
    from: [],
    to: [{ status: QUEUED }],
    creates: true,
    sets: ['executionId (UUID v4 unless given)', 'enqueuedAt', 'retryCount 0'],
    furtherRefusals: [{ code: 'DUPLICATE_EXECUTION', when: 'an execution has this executionId' }],
    notes: [
      'While an execution of the taskId is queued or processing, nothing is written and the answer is that execution with `deduplicated: true`; an executionId that exists is refused all the same. ' +
        'The unique index `tasktracker_active_taskId` decides, so any number of concurrent callers make one execution. Where that index cannot be built, a read before the insert decides, and two callers at the same instant may both succeed.',
      '`dedupWithinMs` treats an execution completed that recently as a duplicate too. A read before the insert decides that part.',
    ],
  },
  startTask: {
    ...NOTHING_MORE,
    description: 'A worker takes an execution. Exactly one of any number of concurrent callers gets `changed: true`.',
    from: [QUEUED],
    to: [{ status: PROCESSING }],
    sets: ['processingStartedAt'],
    refusedIn: {
      [PROCESSING]: 'ALREADY_STARTED',
      [COMPLETED]: 'ALREADY_STARTED',
      [FAILED]: 'ALREADY_STARTED',
      [DLQ]: 'ALREADY_STARTED',
      [ARCHIVED]: 'ALREADY_STARTED',
    },
  },
  completeTask: {
    ...NOTHING_MORE,
    description: 'The worker reports success.',
    from: [PROCESSING],
    to: [{ status: COMPLETED }],
    sets: ['completedAt'],
    alreadyIn: [COMPLETED],
  },
  failTask: {
    ...NOTHING_MORE,
    description: 'The worker reports failure. The database compares retryCount with maxRetries in the write itself.',
    from: [PROCESSING],
    to: [
      { status: FAILED, when: 'recoverable and retryCount < maxRetries' },
      { status: DLQ, when: 'not recoverable, or retryCount ≥ maxRetries' },
    ],
    sets: ['failedAt', 'errorMessage', 'errorCategory', 'errorStack'],
    alreadyIn: [FAILED, DLQ],
    notes: ['Failing again keeps the first report.'],
  },
  retryTask: {
    ...NOTHING_MORE,
    description: 'A worker or an operator asks for another attempt: a new execution of the same task.',
    from: [FAILED, DLQ],
    to: [{ status: QUEUED }],
    creates: true,
    previousBecomes: { [FAILED]: FAILED, [DLQ]: ARCHIVED },
    sets: [
      'executionId (new)',
      'enqueuedAt',
      'lastRetryAt',
      'retryCount (from failed: + 1; from dlq: 0)',
      'carried over: taskId, queueName, metadata, maxRetries, messageVersion',
      `on the previous one, from dlq: archivedAt, archivedBy, archivedReason "${MANUAL_RETRY_REASON}"`,
    ],
    furtherRefusals: [
      { code: 'CONFLICT', when: 'another execution of the taskId is queued or processing' },
      { code: 'CONFLICT', when: 'somebody else retried it first' },
      { code: 'CONFLICT', when: 'it is failed and not the latest attempt of its task' },
      { code: 'RETRIES_EXHAUSTED', when: 'it is failed and retryCount ≥ maxRetries' },
    ],
    notes: [
      'One transaction: the new execution and the change of the previous one are both there or neither is. Of several callers at once one succeeds, the others get CONFLICT and change nothing.',
      'A failed execution stays failed, so only the latest attempt of a task (by createdAt) can be retried from there; an older one can be moved to the dead-letter queue and retried from it, which archives it.',
      `Of a retry from dlq, a given reason is kept: archivedReason is then \`${MANUAL_RETRY_REASON}: REASON\`.`,
    ],
  },
  moveTaskToDlq: {
    ...NOTHING_MORE,
    description: 'An operator gives up on a failed execution for now.',
    from: [FAILED],
    to: [{ status: DLQ }],
  },
  archiveTask: {
    ...NOTHING_MORE,
    description: 'An operator takes an execution out of the dead-letter queue for good.',
    from: [DLQ],
    to: [{ status: ARCHIVED }],
    sets: ['archivedAt', 'archivedReason', 'archivedBy'],
  },
  retention: {
    ...NOTHING_MORE,
    description: `Archives what has been in the dead-letter queue for ${DEFAULT_RETENTION_DAYS} days (configurable).`,
    from: [DLQ],
    to: [{ status: ARCHIVED }],
    sets: [
      'archivedAt',
      `archivedReason "${retentionReason(DEFAULT_RETENTION_DAYS)}"`,
      `archivedBy \`${RETENTION_ACTOR}\``,
    ],
  },
};

/** The table of moves: every way in which an execution changes state, and nothing else changes it. */
export const MOVES = Object.fromEntries(
  Object.entries(ROWS).map(([name, row]) => [name, { name, ...row }]),
) as Readonly<Record<MoveName, Move>>;

export const MOVE_NAMES = Object.keys(ROWS) as readonly MoveName[];

export type MoveOutcome =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'already' }
  | { readonly kind: 'refused'; readonly code: MoveRefusalCode };

/**
 * What the table says of a move on an execution that stands in `statusNow`; null where there is no such execution.
 * `allowed` is what the status permits: `furtherRefusals` may still apply.
 */
export function outcomeOf(move: Move, statusNow: ShownStatus | null): MoveOutcome {
  if (move.from.length === 0) return { kind: 'allowed' };
  if (statusNow === null) return { kind: 'refused', code: 'NOT_FOUND' };
  const among = (statuses: readonly ShownStatus[]) => statuses.includes(statusNow);
  if (among(move.from)) return { kind: 'allowed' };
  if (among(move.alreadyIn)) return { kind: 'already' };
  return { kind: 'refused', code: move.refusedIn[statusNow] ?? 'INVALID_TRANSITION' };
}

function fromCell(move: Move): string {
  return move.from.length === 0 ? '–' : move.from.join(', ');
}

function toCell(move: Move): string {
  const targets = move.to.map(({ status, when }) => (when === undefined ? status : `${status} (${when})`));
  if (!move.creates) return targets.join('; ');
  const previous = Object.entries(move.previousBecomes).map(([from, to]) =>
    from === to ? `the ${from} one stays` : `the one in ${from} becomes ${to}`,
  );
  return [`a new execution: ${targets.join('; ')}`, ...previous].join('; ');
}

function refusedCell(move: Move): string {
  const parts = move.furtherRefusals.map(({ code, when }) => `${code}: ${when}`);
  const byCode = new Map<MoveRefusalCode, string[]>();
  for (const [status, code] of Object.entries(move.refusedIn)) byCode.set(code, [...(byCode.get(code) ?? []), status]);
  for (const [code, statuses] of byCode) parts.push(`${code}: ${statuses.join(', ')}`);
  if (move.from.length > 0 && move.name !== 'retention') parts.push('INVALID_TRANSITION: any other state');
  if (move.alreadyIn.length > 0) parts.push(`\`changed: false\`, no error: ${move.alreadyIn.join(', ')}`);
  return parts.length === 0 ? '–' : parts.join('<br>');
}

/** The table of moves as a Markdown table, one row a move; no line break at the end. */
export function renderMovesTable(): string {
  const rows = MOVE_NAMES.map((name) => {
    const move = MOVES[name];
    const sets = move.sets.length === 0 ? '–' : move.sets.join('; ');
    return [`\`${name}\``, fromCell(move), toCell(move), sets, refusedCell(move)];
  });
  const header = ['Move', 'From', 'To', 'Sets', 'Refused with'];
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const GENERAL_NOTES: readonly string[] = [
  'Every move writes `status` and advances `updatedAt`. A refused move writes nothing. An executionId that no document has is refused with NOT_FOUND.',
];

/** The notes to the table as a Markdown list, one item a note; no line break at the end. */
export function renderMovesNotes(): string {
  const ofMoves = MOVE_NAMES.flatMap((name) => MOVES[name].notes.map((note) => `\`${name}\`: ${note}`));
  return [...GENERAL_NOTES, ...ofMoves].map((note) => `- ${note}`).join('\n');
}
