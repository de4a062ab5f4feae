import { readFile } from 'node:fs/promises';
import os from 'node:os';

import type { Logger } from 'pino';

import { createAlerts, type EngineOptions, type RunningAlerts } from '../alerts/engine.js';
import { AlertsFileError, readAlertsFile } from '../alerts/read-file.js';
import type { AlertsFile } from '../alerts/types.js';

export type VariableLookup = (name: string) => string | undefined;

/** @throws AlertsFileError also where the file cannot be read */
export async function loadAlertsFile(path: string, variable: VariableLookup): Promise<AlertsFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new AlertsFileError(path, [{ line: 1, path: '', message: `cannot be read (${reason})` }]);
  }
  return readAlertsFile(text, { file: path, variable });
}

/** What alerts need besides their rules. */
export interface AlertSurroundings {
  readonly sources: EngineOptions['sources'];
  readonly log: Logger;
  readonly version: string;
  readonly alertsIntervalMs: number;
}

/** The alerts of these rules, begun; null where there is no file of rules. */
export function createAppAlerts(file: AlertsFile | null, { sources, log, version, alertsIntervalMs }: AlertSurroundings): RunningAlerts | null {
  if (file === null) return null;
  const alerts = createAlerts({ file, sources, log, intervalMs: alertsIntervalMs, sender: { replica: os.hostname(), version } });
  log.info({ rules: file.rules.length, webhooks: file.webhooks.length }, 'alert rules are looked at');
  alerts.start();
  return alerts;
}
