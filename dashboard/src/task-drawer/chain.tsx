import { useMemo } from 'react';

import { StatusBadge } from '../components/status-badge.js';
import { formatDuration } from '../time/format.js';
import { useNow } from '../time/time.js';
import type { Attempt, RetryChain } from './documents.js';
import styles from './task.module.css';
import { layOut, type Segment, type Timeline } from './timeline.js';

interface ChainProps {
  readonly chain: RetryChain;
  /** The attempt that is shown. */
  readonly executionId: string;
  readonly onOpen: (executionId: string) => void;
}

const SEGMENT_WORDS = { wait: 'waited', run: 'ran' } as const;

/** All attempts of a task on one axis of time, each with what went wrong; the one that is shown is marked. */
export function Chain({ chain, executionId, onOpen }: ChainProps) {
  const { attempts } = chain;
  const underWay = attempts.some(({ status }) => status === 'QUEUED' || status === 'PROCESSING');
  const ticking = useNow(1_000);
  const timeline = useMemo(() => layOut(attempts, ticking), [attempts, underWay ? ticking : 0]);
  const totals = [`waited ${formatDuration(chain.totalWaitMs)}`, `ran ${formatDuration(chain.totalRunMs)}`];
  return (
    <section className={styles['section']} aria-labelledby="task-chain">
      <h2 id="task-chain">
        Attempts <small>{attempts.length === 1 ? 'one' : `${attempts.length}, in all ${totals.join(', ')}`}</small>
      </h2>
      <ol className={styles['chain']}>
        {attempts.map((attempt, index) => (
          <AttemptRow
            key={attempt.id}
            attempt={attempt}
            number={index + 1}
            segments={timeline.bars[index] ?? []}
            pauses={timeline.pauses}
            current={attempt.executionId === executionId}
            onOpen={onOpen}
          />
        ))}
      </ol>
      <p className={styles['legend']} aria-hidden="true">
        <span data-kind="wait">waited</span>
        <span data-kind="run">ran, in the colour of its status</span>
        {timeline.pauses.length > 0 && <span data-kind="pause">a pause, shortened ({timeline.pauses.map(({ ms }) => formatDuration(ms)).join(', ')})</span>}
      </p>
    </section>
  );
}

interface AttemptRowProps {
  readonly attempt: Attempt;
  readonly number: number;
  readonly segments: readonly Segment[];
  readonly pauses: Timeline['pauses'];
  readonly current: boolean;
  readonly onOpen: (executionId: string) => void;
}

function percent(share: number): string {
  return `${Math.round(share * 10_000) / 100}%`;
}

function AttemptRow({ attempt, number, segments, pauses, current, onOpen }: AttemptRowProps) {
  const { executionId, status, errorMessage, errorCategory } = attempt;
  const words = segments.filter(({ kind, ms }) => kind === 'run' || ms >= 0).map(({ kind, ms, open }) => `${SEGMENT_WORDS[kind]} ${formatDuration(ms)}${open ? ' so far' : ''}`);
  return (
    <li aria-current={current ? 'true' : undefined} data-execution={executionId}>
      <button type="button" onClick={() => onOpen(executionId)} title={executionId}>
        <span className={styles['number']}>
          <span className="tt-visually-hidden">Attempt </span>
          {number}
        </span>
        <StatusBadge status={status} />
        <span className={styles['words']}>{words.join(', ')}</span>
      </button>
      <div className={styles['bar']} aria-hidden="true">
        {pauses.map(({ at, to }) => (
          <span key={at} data-kind="pause" style={{ left: percent(at), width: percent(to - at) }} />
        ))}
        {segments.map(({ kind, from, to, open }) => (
          <span key={kind} data-kind={kind} data-status={kind === 'run' ? status : undefined} data-open={open || undefined} style={{ left: percent(from), width: percent(to - from) }} />
        ))}
      </div>
      {errorMessage !== null && (
        <p className={styles['attemptError']} title={errorMessage}>
          {errorCategory !== null && <span>{errorCategory}</span>} {errorMessage}
        </p>
      )}
    </li>
  );
}
