import { LineCounter, parseDocument, type Document } from 'yaml';

import { alertsFileSchema, isWebhookUrl, type WrittenRule, type WrittenWebhook } from './file-schema.js';
import type { AlertRule, AlertsFile, AlertWebhook } from './types.js';

/** Something in the file that cannot be used. */
export interface AlertsProblem {
  /** Counted from 1. */
  readonly line: number;
  /** Where in the file, e.g. `rules[2].for`; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

/** The file of alert rules cannot be used. The message has one line for each problem, with its line in the file. */
export class AlertsFileError extends Error {
  override name = 'AlertsFileError';
  readonly remedy = '`tasktracker alerts check FILE` checks a file; docs/alerts.md says what it may hold.';

  constructor(
    readonly file: string,
    readonly problems: readonly AlertsProblem[],
  ) {
    super(problems.map(({ line, path, message }) => `${file}:${line}: ${path === '' ? '' : `${path} `}${message}`).join('\n'));
  }
}

export interface ReadOptions {
  /** How the file is named in messages. */
  readonly file: string;
  /** Values of the environment variables that the file names. */
  readonly variable: (name: string) => string | undefined;
}

/** An alias that refers to aliases that refer to aliases …: a few lines of YAML that are gigabytes. */
const MAX_ALIASES = 100;

/** @throws AlertsFileError naming everything that is wrong, not only the first */
export function readAlertsFile(text: string, { file, variable }: ReadOptions): AlertsFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, merge: true });
  const malformed = document.errors.map(({ message, pos }) => ({ line: lines.linePos(pos[0]).line, path: '', message }));
  if (malformed.length > 0) throw new AlertsFileError(file, malformed);
  const problems: AlertsProblem[] = [];
  const refuse = (path: readonly PropertyKey[], message: string): void => {
    problems.push({ line: lineOf(document, lines, path), path: shownPath(path), message });
  };
  const parsed = alertsFileSchema.safeParse(valueOf(document, file));
  if (!parsed.success) {
    for (const { path, message, code, ...more } of parsed.error.issues) {
      if (code === 'unrecognized_keys') for (const key of (more as { keys: string[] }).keys) refuse([...path, key], 'is not known here');
      else refuse(path, message);
    }
    throw new AlertsFileError(file, problems);
  }
  const { webhooks, rules } = parsed.data;
  const duplicates = (kind: string, names: readonly string[]): void => {
    names.forEach((name, index) => {
      if (names.indexOf(name) < index) refuse([kind, index, 'name'], `is there twice: ${name}`);
    });
  };
  duplicates('webhooks', webhooks.map(({ name }) => name));
  duplicates('rules', rules.map(({ name }) => name));
  const known = webhooks.map(({ name }) => name);
  rules.forEach(({ notify = [] }, index) => {
    notify.forEach((name, at) => {
      if (!known.includes(name)) refuse(['rules', index, 'notify', at], `is no webhook of this file: ${name}`);
    });
  });
  const made = { webhooks: webhooks.map((webhook, index) => webhookOf(webhook, index, variable, refuse)), rules: rules.map((rule) => ruleOf(rule, known)) };
  if (problems.length > 0) throw new AlertsFileError(file, problems);
  return made;
}

function valueOf(document: Document, file: string): unknown {
  try {
    // An empty file has no rules.
    return document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {};
  } catch (error) {
    throw new AlertsFileError(file, [{ line: 1, path: '', message: (error as Error).message }]);
  }
}

/** The line of what stands at the path, or of the nearest that holds it. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true) as { readonly range?: readonly [number, number, number] | null } | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function shownPath(path: readonly PropertyKey[]): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? String(part) : `.${String(part)}`)).join('');
}

function webhookOf({ name, url, urlFrom, secretFrom, timeout, attempts }: WrittenWebhook, index: number, variable: ReadOptions['variable'], refuse: (path: readonly PropertyKey[], message: string) => void): AlertWebhook {
  const from = (field: 'urlFrom' | 'secretFrom', named: string | undefined): string | null => {
    if (named === undefined) return null;
    const value = variable(named) ?? '';
    if (value === '') refuse(['webhooks', index, field], `names the environment variable ${named}, which is not set`);
    // Its value may be secret: it is never repeated.
    else if (field === 'urlFrom' && !isWebhookUrl(value)) refuse(['webhooks', index, field], `names the environment variable ${named}, which does not hold a URL that begins with http:// or https://`);
    return value;
  };
  return { name, url: url ?? from('urlFrom', urlFrom) ?? '', secret: from('secretFrom', secretFrom), timeoutMs: timeout, attempts };
}

function ruleOf(written: WrittenRule, webhooks: readonly string[]): AlertRule {
  const { name, severity, labels, summary = null, notify = webhooks } = written;
  const base = { name, severity, labels, summary, notify, forMs: 'for' in written ? written.for : 0 };
  switch (written.when) {
    case 'dead_letters':
      return { ...base, kind: written.when, queues: written.queues ?? null, above: written.above };
    case 'failure_rate':
      return { ...base, kind: written.when, queues: written.queues ?? null, above: written.above, overMs: written.over, minimum: written.minimum };
    case 'oldest_queued':
      return { ...base, kind: written.when, queues: written.queues ?? null, olderThanMs: written.olderThan };
    case 'stuck':
      return { ...base, kind: written.when, queues: written.queues ?? null, above: written.above, timeoutMs: written.timeout };
    case 'new_error_group':
      return { ...base, kind: written.when, queues: written.queues ?? null, resolveAfterMs: written.resolveAfter };
    case 'feed_not_live':
      return { ...base, kind: written.when };
  }
}
