import type { Command } from 'commander';

/** Adds `tasktracker alerts check FILE`: says what is wrong with a file of alert rules, without a server. */
export function registerAlerts(program: Command): void {
  const command = program.command('alerts').description('work with files of alert rules (docs/alerts.md)');
  command
    .command('check')
    .description('say whether a file of alert rules can be used, and what is wrong where it cannot; exit code 2 then')
    .argument('<file>', 'the file, as TASKTRACKER_ALERTS_FILE names it')
    .option('--without-variables', 'do not ask whether the environment variables that it names are set')
    .action(async (file: string, options: { readonly withoutVariables?: boolean }) => {
      const { variableLookup } = await import('../config.js');
      const { checkAlertsFile } = await import('./alerts/check.js');
      process.exitCode = await checkAlertsFile(file, options.withoutVariables ? () => 'http://unknown' : variableLookup());
    });
}
