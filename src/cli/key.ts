import { type Command, InvalidArgumentError } from 'commander';

import { isRole, type Role, ROLES } from '../access/role.js';

interface KeyFlags {
  readonly name: string;
  readonly role: Role;
  readonly queues?: readonly string[];
  readonly expires?: string;
  readonly json?: boolean;
}

/** Adds `tasktracker key create`: makes an API key, and the entry by which a server knows it. */
export function registerKey(program: Command): void {
  program
    .command('key')
    .description('make API keys')
    .command('create')
    .description('make an API key: it is printed once, with the entry for TASKTRACKER_API_KEYS_FILE, which holds only its hash')
    .requiredOption('--name <name>', 'who uses it', name)
    .requiredOption('--role <role>', `what they may do: ${ROLES.join(', ').toLowerCase()}`, role)
    .option('--queues <patterns>', "only these queues, by patterns with commas between them, as in 'tenant-a-*,shared'; default: all", queues)
    .option('--expires <instant>', 'when it stops being valid, as in 2027-01-31T00:00:00Z; default: never', instant)
    .option('--json', 'print one JSON document: {"key", "entry"}')
    .action(async ({ name: of, role: as, queues: within, expires, json }: KeyFlags) => {
      const { createApiKey } = await import('../server/auth/api-key.js');
      const made = createApiKey({ name: of, role: as, ...(within && { queues: within }), ...(expires && { expiresAt: expires }) });
      process.stdout.write(json ? `${JSON.stringify(made)}\n` : `Key, shown only this once:\n  ${made.key}\nEntry for the list in TASKTRACKER_API_KEYS_FILE:\n  ${JSON.stringify(made.entry)}\n`);
    });
}

function name(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > 512) throw new InvalidArgumentError('It must have 1 to 512 characters.');
  return trimmed;
}

function role(text: string): Role {
  const wanted = text.toUpperCase();
  if (!isRole(wanted)) throw new InvalidArgumentError(`It must be one of ${ROLES.join(', ').toLowerCase()}.`);
  return wanted;
}

function queues(text: string): readonly string[] {
  const patterns = text.split(',').map((pattern) => pattern.trim());
  if (patterns.some((pattern) => pattern === '' || pattern.length > 256) || patterns.length > 100) {
    throw new InvalidArgumentError('It must be 1 to 100 patterns with commas between them, each of 1 to 256 characters.');
  }
  return patterns;
}

function instant(text: string): string {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw new InvalidArgumentError('It must be an instant such as 2027-01-31T00:00:00Z.');
  if (at.getTime() <= Date.now()) throw new InvalidArgumentError('It lies in the past.');
  return at.toISOString();
}
