import { secantusStep } from './secantus-step.js';
import type { EmbeddedStep } from './steps.js';

/** Every embedded kind, in the order in which it is tried. */
export function embeddedSteps(options: { unpatched?: boolean | undefined }): EmbeddedStep[] {
  return [secantusStep(options)];
}
