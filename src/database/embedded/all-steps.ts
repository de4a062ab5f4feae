import { mongodStep } from './mongod-step.js';
import { secantusStep } from './secantus-step.js';
import type { EmbeddedStep } from './steps.js';

/** The downloader's library is loaded only when that step is reached: most runs never need it. */
const downloadStep: EmbeddedStep = {
  kind: 'downloaded',
  check: async (context) => (await import('./download-step.js')).downloadStep.check(context),
  prepare: async (context) => (await import('./download-step.js')).downloadStep.prepare(context),
};

/** Every embedded kind, in the order in which it is tried. */
export function embeddedSteps(options: { unpatched?: boolean | undefined }): EmbeddedStep[] {
  return [mongodStep, downloadStep, secantusStep(options)];
}
