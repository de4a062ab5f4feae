import type { StatisticsStatus } from '../../src/stats/types.js';

/** The status of figures that were read, saved and compared. */
export function readyStatus(fields: Partial<StatisticsStatus> = {}): StatisticsStatus {
  return {
    state: 'READY',
    scanned: null,
    expected: null,
    progress: 1,
    readySince: new Date(0),
    lastCheckpointAt: new Date(0),
    lastReconciliationAt: null,
    lastDrift: 0,
    reason: null,
    ...fields,
  };
}
