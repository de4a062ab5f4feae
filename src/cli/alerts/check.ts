import { AlertsFileError } from '../../alerts/read-file.js';
import { loadAlertsFile, type VariableLookup } from '../../app/app-alerts.js';
import { EXIT } from '../failure.js';

/** @returns the exit code: 0 where the file can be used */
export async function checkAlertsFile(file: string, variable: VariableLookup): Promise<number> {
  try {
    const { rules, webhooks } = await loadAlertsFile(file, variable);
    process.stdout.write(`${file}: ${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}, ${webhooks.length} ${webhooks.length === 1 ? 'webhook' : 'webhooks'}\n`);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof AlertsFileError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return EXIT.usage;
  }
}
