import { InvalidInputError } from '../../model/errors.js';
import { DEFAULT_STUCK_TIMEOUT_MS } from '../../model/task-tracker.js';

/** Longest span that an argument in ms may give: a hundred years. */
const MAX_SPAN_MS = 100 * 366 * 24 * 60 * 60 * 1000;

/** How the argument `timeoutMs` is declared wherever it occurs. */
export const TIMEOUT_ARGUMENT = {
  nullable: true,
  defaultValue: DEFAULT_STUCK_TIMEOUT_MS,
  description: 'How long an execution may process before it counts as stuck, in ms. Default 1,800,000 (30 minutes), also where null.',
} as const;

/** Checks a span in ms: at least 0, at most a hundred years. Throws InvalidInputError naming `field`. */
export function spanMs(value: number, field: string): number {
  if (Number.isFinite(value) && value >= 0 && value <= MAX_SPAN_MS) return value;
  throw new InvalidInputError([field], `${field} must be between 0 and ${MAX_SPAN_MS} (milliseconds), and is ${value}`);
}

/** The time-out asked for, or the default of 30 minutes. Throws InvalidInputError. */
export function timeoutOf(value: number | null | undefined): number {
  return spanMs(value ?? DEFAULT_STUCK_TIMEOUT_MS, 'timeoutMs');
}
