import { useFeedHealth } from '../api/hooks.js';
import type { FeedHealth } from '../api/feed-health.js';
import { formatClock, type Zone } from '../time/format.js';
import { useZone } from '../time/time.js';
import styles from './feed-indicator.module.css';

interface Words {
  readonly short: string;
  readonly long: string;
}

/** The state of the feed, short for the header and in full for who asks. */
export function wordsOf(health: FeedHealth, zone: Zone): Words {
  switch (health.kind) {
    case 'live':
      return { short: 'LIVE', long: 'Changes are shown as they happen.' };
    case 'connecting':
      return { short: 'Connecting', long: 'Connecting to the server.' };
    case 'disconnected': {
      const at = formatClock(health.since, zone);
      return {
        short: `Reconnecting since ${at}`,
        long: `No connection to the server since ${at}. What is shown is from before; it is brought up to date as soon as the server is back.`,
      };
    }
    case 'behind': {
      const at = formatClock(health.since, zone);
      return {
        short: `Feed behind since ${at}`,
        long: `The server gets no changes from its database since ${at}${health.reason === null ? '' : ` (${health.reason})`}. What is shown may be older than what is stored; nothing is lost.`,
      };
    }
  }
}

/** Whether what is on the screen is up to date. */
export function FeedIndicator() {
  const health = useFeedHealth();
  const [zone] = useZone();
  const { short, long } = wordsOf(health, zone);
  return (
    <span className={styles['indicator']} data-health={health.kind} title={long} role="status">
      <span className={styles['text']}>{short}</span>
    </span>
  );
}

/** Over stale data: that it is, and since when. */
export function StaleNote() {
  const health = useFeedHealth();
  const [zone] = useZone();
  if (health.kind === 'live' || health.kind === 'connecting') return null;
  return <p className={styles['note']}>{wordsOf(health, zone).long}</p>;
}
