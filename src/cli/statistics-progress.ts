import type { Logger } from 'pino';

import type { Statistics, StatisticsStatus } from '../stats/types.js';

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
 * Shows how far the figures in memory have come: on a terminal a bar that is written over, elsewhere a log line each
 * five seconds. Ends with the application.
 */
export async function showStatisticsProgress(statistics: Pick<Statistics, 'watchStatus'>, terminal: NodeJS.WriteStream | null, log: Logger): Promise<void> {
  let shown = 0;
  let loggedAt = performance.now();
  const clear = (): void => {
    if (shown > 0) terminal?.write(`\r${' '.repeat(shown)}\r`);
    shown = 0;
  };
  for await (const status of statistics.watchStatus()) {
    const bar = status.state === 'BOOTSTRAPPING' ? progressBar(status) : '';
    if (terminal !== null) {
      clear();
      if (bar !== '') terminal.write(bar);
      shown = bar.length;
    } else if (bar !== '' && performance.now() - loggedAt >= LOG_EVERY_MS) {
      loggedAt = performance.now();
      const { scanned, expected } = status;
      log.info({ scanned, expected }, `statistics: ${Math.floor(status.progress * 100)}% of the collection is read`);
    }
  }
  clear();
}
