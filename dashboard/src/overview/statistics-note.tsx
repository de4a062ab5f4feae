import type { ResultOf } from '../api/graphql.js';
import { useLive } from '../api/hooks.js';
import { STATS_CHANGED } from './documents.js';
import styles from './overview.module.css';

type Status = ResultOf<typeof STATS_CHANGED>['statsChanged'];

const STATUS = {
  initial: null as Status | null,
  apply: (_before: Status | null, { statsChanged }: ResultOf<typeof STATS_CHANGED>): Status => statsChanged,
};

/** Says when the server does not have its figures in memory: they are right all the same, but cost the database. */
export function StatisticsNote() {
  const { value } = useLive(STATS_CHANGED, {}, STATUS);
  if (value === null || value.state === 'READY') return null;
  const text = value.state === 'BOOTSTRAPPING' ? `Reading the collection: ${Math.floor(value.progress * 100)} %` : 'Counted by the database';
  return (
    <span className={styles['note']} title={`${value.reason ?? ''} Until then the database counts whenever somebody asks: the figures are right, but come later.`.trim()}>
      {text}
    </span>
  );
}
