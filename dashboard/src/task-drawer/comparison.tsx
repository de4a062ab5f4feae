import { NativeSelect, Skeleton } from '@mantine/core';
import { useState } from 'react';

import { ErrorNotice } from '../components/error-notice.js';
import { differences } from './difference.js';
import type { Attempt, TaskDetails } from './documents.js';
import styles from './task.module.css';
import { useExecution } from './use-task.js';

interface ComparisonProps {
  readonly attempts: readonly Attempt[];
  readonly task: TaskDetails;
}

/** What is not the same in two attempts: the one that is shown, and another that is chosen; at first the one before it. */
export function Comparison({ attempts, task }: ComparisonProps) {
  const position = attempts.findIndex(({ executionId }) => executionId === task.executionId);
  const others = attempts.filter((_, index) => index !== position);
  const near = attempts[position - 1] ?? attempts[position + 1];
  const [chosen, setChosen] = useState<string | null>(null);
  const other = others.find(({ executionId }) => executionId === chosen) ?? near;
  const { task: found, error } = useExecution(other?.executionId ?? null);
  if (other === undefined || position === -1) return null;
  const number = (attempt: Attempt): number => attempts.indexOf(attempt) + 1;
  const isEarlier = attempts.indexOf(other) < position;
  const list = !found ? null : isEarlier ? differences(found, task) : differences(task, found);
  const [before, after] = isEarlier ? [number(other), position + 1] : [position + 1, number(other)];
  return (
    <section className={styles['section']} aria-labelledby="task-comparison">
      <div className={styles['comparisonHead']}>
        <h2 id="task-comparison">What changed</h2>
        <NativeSelect
          size="xs"
          aria-label="Compare with"
          value={other.executionId}
          onChange={(event) => setChosen(event.currentTarget.value)}
          data={others.map((attempt) => ({ value: attempt.executionId, label: `Compared with attempt ${number(attempt)}` }))}
        />
      </div>
      {error && <ErrorNotice title="The attempt could not be read" error={error} />}
      {list === null && error === null && <Skeleton height={80} />}
      {list?.length === 0 && <p className={styles['quiet']}>Nothing.</p>}
      {list !== null && list.length > 0 && (
        <table className={styles['comparison']}>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Attempt {before}</th>
              <th scope="col">Attempt {after}</th>
            </tr>
          </thead>
          <tbody>
            {list.map(({ name, before: old, after: fresh }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>
                  <Value text={old} />
                </td>
                <td>
                  <Value text={fresh} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

const LONGEST = 400;

function Value({ text }: { readonly text: string | null }) {
  if (text === null) return <span className={styles['none']}>–</span>;
  return <span title={text.length > LONGEST ? text : undefined}>{text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}</span>;
}
