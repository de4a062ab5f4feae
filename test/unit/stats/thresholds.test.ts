import { describe, expect, it } from 'vitest';

import { stuckThreshold } from '../../../src/stats/thresholds.js';

const run = (count: number, p99: number | null) => ({ count, p50: p99, p95: p99, p99, max: p99 });

describe('the adaptive threshold of a queue', () => {
  it('is three times what 99 of 100 executions took', () => {
    expect(stuckThreshold('a', run(50, 120_000))).toEqual({ queueName: 'a', timeoutMs: 360_000, adaptive: true, samples: 50 });
  });

  it('is at least a minute and at most a day', () => {
    expect(stuckThreshold('a', run(1_000, 10)).timeoutMs).toBe(60_000);
    expect(stuckThreshold('a', run(1_000, 10 * 60 * 60_000)).timeoutMs).toBe(24 * 60 * 60_000);
  });

  it('is the default of 30 minutes where there are fewer than 50 run times', () => {
    expect(stuckThreshold('a', run(49, 120_000))).toEqual({ queueName: 'a', timeoutMs: 1_800_000, adaptive: false, samples: 49 });
    expect(stuckThreshold('a', run(0, null))).toEqual({ queueName: 'a', timeoutMs: 1_800_000, adaptive: false, samples: 0 });
  });
});
