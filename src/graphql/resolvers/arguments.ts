import { DEFAULT_STUCK_TIMEOUT_MS } from '../../model/task-tracker.js';
import { spanMs } from '../../queries/validate.js';

/** How the argument `timeoutMs` is declared wherever it occurs. */
export const TIMEOUT_ARGUMENT = {
  nullable: true,
  defaultValue: DEFAULT_STUCK_TIMEOUT_MS,
  description:
    'How long an execution may process before it counts as stuck, in ms: 0 to 315,360,000,000 (10 years). Default 1,800,000 (30 minutes), also where null.',
} as const;

/** The time-out asked for, or the default of 30 minutes. Throws InvalidInputError. */
export function timeoutOf(value: number | null | undefined): number {
  return spanMs(value ?? DEFAULT_STUCK_TIMEOUT_MS, ['timeoutMs']);
}

/** How the argument `interval` is declared wherever it occurs. */
export const INTERVAL_ARGUMENT = { nullable: false, defaultValue: 'MINUTE', description: 'Width of the intervals. Default `MINUTE`.' } as const;
