import type { Secrets } from './secrets.js';

/** Exit codes of every command: 0 it did what was asked, 1 it could not, 2 it was asked wrongly. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/**
 * Says on stderr what went wrong and what to do about it, and returns the exit code. Known failures show no stack; of an
 * unknown one the stack is shown where `debug` says so. What is secret is taken out.
 */
export function reportFailure(error: unknown, debug: boolean, secrets: Secrets): number {
  const say = (text: string): void => void process.stderr.write(secrets.scrub(text));
  const { name, message, stack, remedy } = error as Error & { readonly remedy?: unknown };
  if (name === 'ConfigError' || name === 'AlertsFileError' || name === 'TrustedDocumentsError') {
    say(`tasktracker: the configuration cannot be used.\n${indent(message)}\n`);
    return EXIT.usage;
  }
  say(`tasktracker: ${message}\n`);
  if (typeof remedy === 'string') say(`${indent(remedy)}\n`);
  else if (debug) say(`${stack ?? ''}\n`);
  else say('  This was not expected. LOG_LEVEL=debug shows where it comes from.\n');
  return EXIT.failed;
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
