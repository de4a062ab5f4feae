/**
 * What varies from one failure to the next of the same kind, and the placeholder that stands for it.
 *
 * Every pattern is written in what JavaScript (flag `u`), PCRE2 (mongod) and Python's `re` (the embedded database) read
 * alike: no flags, no classes by letter, no look-behind. Repetitions are of single characters or few, so each takes
 * time in proportion to the text, whatever the text.
 */

export type Placeholder = 'string' | 'url' | 'email' | 'id' | 'date' | 'uuid' | 'ip' | 'path' | 'n';

export interface Rule {
  readonly name: string;
  readonly placeholder: Placeholder;
  readonly pattern: string;
  /** It must end where a word does (`ENDS` behind it); what does not is as long as it can be. */
  readonly isWhole: boolean;
  /** What it can start with: a letter, a digit, the name of a day of the week, or one of these characters. */
  readonly starts: readonly string[];
  /** What a word must look like that it can start with. Default: any. */
  readonly firstWord?: RegExp;
  /** The first character that is neither letter nor digit is one of these. */
  readonly second: RegExp;
  /** Characters besides letters and digits that it can have inside. Default: `second`. */
  readonly inner?: RegExp;
  /** Characters that it may have behind its first word: what it finds behind one, it would have found from the word before. */
  readonly chains?: RegExp;
  /** It is of letters, digits and what a number has inside. */
  readonly isWord?: boolean;
  /** Earlier rules that may find something at its own start without reaching beyond its end. */
  readonly hides?: readonly string[];
}

const WHITE = ' \\t\\r\\n\\f\\x0b';
/** White space to its end: there is one way to find it, so nothing is tried again with less of it. */
export const SPACE = `[${WHITE}]+(?![${WHITE}])`;
export const SPACE_OR_NONE = `[${WHITE}]*(?![${WHITE}])`;
export const SPACE_IN_LINE = `[ \\t\\f\\x0b]+(?![${WHITE}])`;

export const PLACEHOLDER = '<(?:n|id|ip|path|date|uuid|string|email|url)>';

/** Stands at the end of a normalised message that shows but the beginning. No rule finds it, nor a word that it follows. */
export const CUT_MARK = '\u22ef';

/** A number at the end of a word, behind a lower-case letter: `userId305`. That of `E11000` is part of a name. */
export const NUMBER_IN_WORD = `(?:<n>|[0-9]+(?![A-Za-z0-9${CUT_MARK}]))`;

/** No letter or digit follows, nor a placeholder: so a normalised message is split where the message itself was. */
export const ENDS = `(?![A-Za-z0-9${CUT_MARK}]|${PLACEHOLDER})`;

const NOT_IN_PATH = `${WHITE}${CUT_MARK}'"\`<>(){}\\[\\],;:|*?=&`;
const SEGMENT = `[^${NOT_IN_PATH}/\\\\]`;
const SEGMENTS = `[^${NOT_IN_PATH}\\\\]`;
const PATH_END = `[^${NOT_IN_PATH}\\\\.!]`;
const WINDOWS = `[^${NOT_IN_PATH}]`;
const WINDOWS_END = `[^${NOT_IN_PATH}.!]`;

const NOT_IN_URL = `${WHITE}${CUT_MARK}<>"'\`{}|\\\\^`;

const TIME = '[0-9]{2}:[0-9]{2}:[0-9]{2}';
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';

const GROUP = '[0-9A-Fa-f]{1,4}';
const UNIT = '(?:[nuµm]?s|secs?|m|mins?|h|hrs?|d|[KMGTPkmgtp]?i?[Bb]|px)';

/** Digits in two places, with letters between. */
const SCATTERED_DIGITS = '(?=[A-Za-z]*[0-9]+[A-Za-z]+[0-9])';

const NOTHING = /(?!)/;
const IN_PATH = new RegExp(PATH_END.replace('.!', ''), 'u');

/** In the order in which they are tried; the first that fits counts. docs/error-groups.md says the same in words. */
export const RULES: readonly Rule[] = [
  ...(["'", '"', '`'] as const).map((quote) => ({
    name: `string ${quote}`,
    placeholder: 'string' as const,
    pattern: `${quote}[^${quote}]*${quote}`,
    isWhole: false,
    starts: [quote],
    second: /[^]/,
  })),
  {
    name: 'url',
    placeholder: 'url',
    pattern: `[A-Za-z][A-Za-z0-9+.-]+://[^${NOT_IN_URL}]*[^${NOT_IN_URL}.,;:!?)\\]]`,
    isWhole: false,
    starts: ['letter'],
    chains: /[+.-]/,
    second: /[:+.-]/,
    inner: new RegExp(`[^${NOT_IN_URL}]`, 'u'),
  },
  {
    name: 'timestamp',
    placeholder: 'date',
    pattern: `[0-9]{4}(?:-[0-9]{2}-|/[0-9]{2}/)[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(?: ?(?:Z|UTC|GMT)|[+-][0-9]{2}:?[0-9]{2})?)?`,
    isWhole: true,
    starts: ['digit'],
    second: /[/-]/,
    inner: /[ :/.,+-]/,
  },
  {
    name: 'time',
    placeholder: 'date',
    pattern: `[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?Z?`,
    isWhole: true,
    starts: ['digit'],
    second: /:/,
    inner: /[:.,]/,
  },
  {
    name: 'date in words',
    placeholder: 'date',
    pattern: `(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?: ${MONTH} [0-9]{2}|, [0-9]{2} ${MONTH}) [0-9]{4}(?: ${TIME}(?: GMT(?:[+-][0-9]{4}(?: \\([A-Za-z ]{1,60}\\))?)?)?)?`,
    isWhole: true,
    starts: ['day of the week'],
    firstWord: /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)$/,
    second: /[ ,]/,
    inner: /[ ,:+-]/,
  },
  {
    name: 'path',
    placeholder: 'path',
    pattern: `(?:~|\\.{1,2})?/+${SEGMENT}(?:${SEGMENTS}*${PATH_END})?`,
    isWhole: false,
    starts: ['/', '.', '~'],
    second: IN_PATH,
  },
  {
    name: 'windows path',
    placeholder: 'path',
    pattern: `[A-Za-z]:[/\\\\]${WINDOWS}*${WINDOWS_END}`,
    isWhole: false,
    starts: ['letter'],
    firstWord: /^[A-Za-z]$/,
    second: /:/,
    inner: new RegExp(`:|${WINDOWS}`, 'u'),
  },
  {
    name: 'network path',
    placeholder: 'path',
    pattern: `\\\\\\\\${SEGMENT}(?:${WINDOWS}*${WINDOWS_END})?`,
    isWhole: false,
    starts: ['\\'],
    second: new RegExp(WINDOWS, 'u'),
  },
  {
    name: 'relative path',
    placeholder: 'path',
    pattern: `[A-Za-z0-9]${SEGMENT}*/${SEGMENT}+/(?:${SEGMENTS}*${PATH_END})?`,
    isWhole: false,
    starts: ['letter', 'digit'],
    second: IN_PATH,
    chains: IN_PATH,
    hides: ['timestamp'],
  },
  {
    name: 'email',
    placeholder: 'email',
    pattern: `[A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9-]+\\.[A-Za-z0-9.-]*[A-Za-z0-9]`,
    isWhole: true,
    starts: ['letter', 'digit'],
    chains: /[._%+-]/,
    second: /[._%+@-]/,
    hides: ['timestamp'],
  },
  {
    name: 'uuid',
    placeholder: 'uuid',
    pattern: `[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}`,
    isWhole: true,
    starts: ['letter', 'digit'],
    firstWord: /^[0-9A-Fa-f]{8}$/,
    second: /-/,
  },
  {
    name: 'ipv4',
    placeholder: 'ip',
    pattern: `[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}(?!\\.[0-9])`,
    isWhole: true,
    starts: ['digit'],
    second: /\./,
  },
  {
    name: 'ipv6',
    placeholder: 'ip',
    pattern: `(?=[A-Fa-f:]*[0-9])(?:(?:${GROUP}:){7}${GROUP}|(?:${GROUP}(?::${GROUP}){0,6})?::(?:${GROUP}(?::${GROUP}){0,6}(?:\\.[0-9]{1,3}){0,3})?)`,
    isWhole: true,
    starts: ['letter', 'digit', ':'],
    firstWord: /^[0-9A-Fa-f]{1,4}$/,
    second: /:/,
    inner: /[:.]/,
    hides: ['time'],
  },
  {
    name: 'web token',
    placeholder: 'id',
    pattern: `eyJ[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*`,
    isWhole: true,
    starts: ['letter'],
    firstWord: /^eyJ/,
    second: /[._-]/,
  },
  {
    name: 'base64',
    placeholder: 'id',
    pattern: `(?=[A-Za-z+/]*[0-9]+[A-Za-z+/]+[0-9])(?=[A-Z0-9+/]*[a-z])(?=[a-z0-9+/]*[A-Z])[A-Za-z0-9][A-Za-z0-9+/]{39,}={0,2}(?!\\.[A-Za-z0-9])`,
    isWhole: true,
    starts: ['letter', 'digit'],
    chains: /[+/]/,
    second: /[+/=]/,
    hides: ['timestamp', 'relative path'],
  },
  { name: 'hexadecimal', placeholder: 'id', pattern: '0x[0-9A-Fa-f]+', isWhole: true, starts: ['digit'], second: NOTHING, isWord: true },
  {
    name: 'hexadecimal id',
    placeholder: 'id',
    pattern: `(?=[0-9]*[A-Fa-f])(?=[A-Fa-f]*[0-9])[0-9A-Fa-f]{8,}`,
    isWhole: true,
    starts: ['letter', 'digit'],
    second: NOTHING,
    isWord: true,
  },
  {
    name: 'token',
    placeholder: 'id',
    pattern: `(?:${SCATTERED_DIGITS}[A-Za-z0-9]{16,}|[A-Za-z0-9]{41,})`,
    isWhole: true,
    starts: ['letter', 'digit'],
    second: NOTHING,
    isWord: true,
  },
  {
    name: 'number',
    placeholder: 'n',
    pattern: `[0-9](?:[0-9.,]*[0-9])?(?:[eE][+-]?[0-9]+)?(?:${UNIT}(?:[0-9][0-9.]*${UNIT}){0,3})?`,
    isWhole: true,
    starts: ['digit'],
    second: NOTHING,
    isWord: true,
    hides: ['ipv4', 'hexadecimal', 'hexadecimal id', 'token'],
  },
];

/** What any of these rules finds, the first that fits. */
export function anyOf(rules: readonly Rule[]): string {
  const whole = rules.filter(({ isWhole }) => isWhole);
  if (whole.length < rules.length) return rules.map((rule) => (rule.isWhole ? rule.pattern + ENDS : rule.pattern)).join('|');
  return rules.length === 1 ? `${rules[0]?.pattern}${ENDS}` : `(?:${rules.map(({ pattern }) => pattern).join('|')})${ENDS}`;
}
