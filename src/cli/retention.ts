import type { Command } from 'commander';

export interface RetentionFlags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Adds `tasktracker retention`: what is archived and deleted by its age, now. */
export function registerRetention(program: Command): void {
  program
    .command('retention')
    .description('archive and delete once what has stayed for long enough (settings: TASKTRACKER_RETENTION_*)')
    .option('--dry-run', 'only say what would be done')
    .option('--json', 'answer in JSON')
    .action(async ({ dryRun = false, json = false }: RetentionFlags) => {
      const { loadConfig } = await import('../config.js');
      const config = loadConfig();
      const { runRetention } = await import('./retention/run.js');
      const { text, exitCode } = await runRetention(config, { dryRun, json });
      process.stdout.write(`${text}\n`);
      process.exitCode = exitCode;
    });
}
