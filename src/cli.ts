#!/usr/bin/env node
import { createRequire } from 'node:module';

import { Command } from 'commander';

import { registerAlerts } from './cli/alerts.js';
import { registerDemo } from './cli/demo.js';
import { EXIT, reportFailure } from './cli/failure.js';
import { registerKey } from './cli/key.js';
import { registerRetention } from './cli/retention.js';
import { Secrets } from './cli/secrets.js';
import { registerStats } from './cli/stats.js';
import { registerTop } from './cli/top.js';
import { registerWatch } from './cli/watch.js';

// Commands load what they need when they run: --help and schema must not wait for a database driver.
const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

const program = new Command('tasktracker')
  .description('A live GraphQL API over the executions of background tasks.')
  .version(version)
  .showHelpAfterError()
  .exitOverride((stop) => process.exit(stop.exitCode === 0 ? EXIT.ok : EXIT.usage));

program
  .command('serve')
  .description('serve the API until SIGTERM or SIGINT (settings: environment variables, see the README)')
  .option('--trusted-documents <file>', 'run only the documents of this file (TASKTRACKER_TRUSTED_DOCUMENTS)')
  .action(async ({ trustedDocuments }: { trustedDocuments?: string }) => {
    const { isRunByNpm, loadConfig } = await import('./config.js');
    const config = { ...loadConfig(), ...(trustedDocuments !== undefined && { trustedDocuments }) };
    const { serve } = await import('./cli/serve.js');
    await serve(config, { withParent: isRunByNpm() });
  });

registerDemo(program);
registerWatch(program);
registerTop(program);
registerStats(program);
registerAlerts(program);
registerKey(program);
registerRetention(program);

program
  .command('doctor')
  .description('say which database would be used and why, what it can do, and what to do about each shortfall')
  .option('--json', 'answer in JSON')
  .action(async (options: { json?: boolean }) => {
    const { loadConfig } = await import('./config.js');
    const config = loadConfig();
    const { doctor } = await import('./cli/doctor.js');
    process.exitCode = await doctor(config, { json: options.json ?? false });
  });

program
  .command('schema')
  .description('print the GraphQL schema (SDL)')
  .action(async () => {
    const { printSchema } = await import('./cli/schema.js');
    await printSchema();
  });

/** Everything a command opened is closed when it returns; what a library left behind keeps the process no longer than this. */
const LINGER_MS = 250;

try {
  await program.parseAsync();
} catch (error) {
  const { isDebugging, secretValues } = await import('./config.js');
  process.exitCode = reportFailure(error, isDebugging(), new Secrets(secretValues()));
}
setTimeout(() => process.exit(), LINGER_MS).unref();
