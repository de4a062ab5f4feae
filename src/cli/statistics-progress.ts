import type { Logger } from 'pino';

import type { Statistics, StatisticsStatus } from '../stats/types.js';
import type { StatusLine } from './status-line.js';

const BAR_WIDTH = 24;
const LOG_EVERY_MS = 5_000;

/** How far the scan has come, as a bar for a terminal. Empty while no scan runs. */
export function progressBar({ scanned, expected, progress }: Pick<StatisticsStatus, 'scanned' | 'expected' | 'progress'>): string {
  if (scanned === null || expected === null) return '';
  const full = Math.floor(Math.min(1, progress) * BAR_WIDTH);
  const percent = `${Math.floor(Math.min(1, progress) * 100)}%`.padStart(4);
  return `Statistics [${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}]${percent}  ${scanned.toLocaleString('en')} of ${expected.toLocaleString('en')} tasks`;
}

/**
 * Shows how far the figures in memory have come: on a terminal a bar at its end, elsewhere a log line each five seconds.
 * Ends with the application.
 */
export async function showStatisticsProgress(statistics: Pick<Statistics, 'watchStatus'>, terminal: Pick<StatusLine, 'show'> | null, log: Logger): Promise<void> {
  let loggedAt = performance.now();
  for await (const status of statistics.watchStatus()) {
    const bar = status.state === 'BOOTSTRAPPING' ? progressBar(status) : '';
    if (terminal !== null) {
      terminal.show(bar);
    } else if (bar !== '' && performance.now() - loggedAt >= LOG_EVERY_MS) {
      loggedAt = performance.now();
      const { scanned, expected } = status;
      log.info({ scanned, expected }, `statistics: ${Math.floor(status.progress * 100)}% of the collection is read`);
    }
  }
  terminal?.show('');
}
