import { anyOf, CUT_MARK, NUMBER_IN_WORD, PLACEHOLDER, type Placeholder, type Rule, RULES, SPACE } from './rules.js';

/** A piece of a message, as the normalised message shows it. */
export interface Token {
  readonly kind: 'space' | 'placeholder' | 'word' | 'other';
  readonly text: string;
}

export interface Tokens {
  readonly tokens: readonly Token[];
  /** There is more in the message than the normalised one shows. */
  readonly cut: boolean;
}

/** A normalised message ends behind the token with which it is this long, or has this many placeholders, or signs inside what has no space. */
const ENOUGH_CHARACTERS = 150;
const ENOUGH_PLACEHOLDERS = 6;
const ENOUGH_SIGNS = 16;
/** Longest message that is looked at, in characters (code points); longer ones are one kind. Moves cut at 16 KiB. */
export const LONGEST_MESSAGE = 50_000;
export const TOO_LONG = '(message too long)';
/** Longest word that is kept in one piece. With the limits above a normalised message has at most 200 characters. */
export const LONGEST_WORD = 40;

/** Groups of a pattern: space, placeholder, one for each rule, word before a number, word, anything else. */
function tokenPattern(rules: readonly Rule[]): RegExp {
  const word = `([A-Za-z0-9]{0,${LONGEST_WORD - 1}}[a-z])(?=${NUMBER_IN_WORD})|([A-Za-z0-9]{1,${LONGEST_WORD}})`;
  const found = rules.map((rule) => `(${anyOf([rule])})|`).join('');
  return new RegExp(`(${SPACE})|(${PLACEHOLDER})|${found}${word}|([\\s\\S])`, 'uy');
}

const SPACE_GROUP = 1;
const PLACEHOLDER_GROUP = 2;
const FIRST_RULE_GROUP = 3;

const anywhere = tokenPattern(RULES);
/** Behind a word, a placeholder or what one stands for: `10` in `5/10` begins anew, but `/10` is no path there. */
const behindWord = tokenPattern([]);
const numberInWord = new RegExp(NUMBER_IN_WORD, 'uy');
const shown: readonly string[] = RULES.map(({ placeholder }) => textOf(placeholder));

export function textOf(placeholder: Placeholder): string {
  return `<${placeholder}>`;
}

/** The placeholder of numbers, which alone may stand directly behind a word. */
export const NUMBER = textOf('n');

export function isWordLike(token: Token | undefined): boolean {
  return token?.kind === 'word' || token?.kind === 'placeholder';
}

/** Whether white space after this token goes on behind a line's end: only behind a colon. */
export function goesOnBehindLine(token: Token | undefined): boolean {
  return token?.text === ':';
}

/**
 * The pieces of a message, as far as they count: its first line that is not empty, and what follows a line that ends
 * with a colon. Time in proportion to the message, whatever it holds.
 */
export function tokenise(message: string): Tokens {
  const tokens: Token[] = [];
  let length = 0;
  let placeholders = 0;
  let signs = 0;
  let at = skipSpace(message, 0);
  let last: Token | undefined;
  const push = (kind: Token['kind'], text: string): void => {
    if (kind !== 'space' && last?.kind === 'other' && (tokens.at(-2)?.kind ?? 'space') !== 'space') signs += 1;
    last = { kind, text };
    tokens.push(last);
    length += text.length;
    if (kind === 'placeholder') placeholders += 1;
  };
  const enough = (): boolean => length >= ENOUGH_CHARACTERS || placeholders >= ENOUGH_PLACEHOLDERS || signs >= ENOUGH_SIGNS;

  while (at < message.length) {
    const end = skipSpace(message, at);
    if (end === message.length || (end > at && !goesOnBehindLine(last) && /[\r\n]/.test(message.slice(at, end)))) break;
    if (enough()) return { tokens, cut: true };
    const pattern = isWordLike(last) ? behindWord : anywhere;
    pattern.lastIndex = at;
    const found = pattern.exec(message);
    if (found === null) break;
    at = pattern.lastIndex;
    const ruleGroups = pattern === anywhere ? RULES.length : 0;
    const group = groupOf(found);
    const rule = group - FIRST_RULE_GROUP;
    if (group === SPACE_GROUP) push('space', ' ');
    else if (group === PLACEHOLDER_GROUP) push('placeholder', found[0]);
    else if (rule < ruleGroups) push('placeholder', shown[rule] ?? '');
    else if (rule === ruleGroups + 2) push('other', found[0]);
    else {
      push('word', found[0]);
      if (rule === ruleGroups) {
        numberInWord.lastIndex = at;
        numberInWord.exec(message);
        at = numberInWord.lastIndex;
        push('placeholder', NUMBER);
      }
    }
  }
  return { tokens, cut: false };
}

const space = new RegExp(SPACE, 'uy');

function skipSpace(message: string, at: number): number {
  space.lastIndex = at;
  return space.test(message) ? space.lastIndex : at;
}

function groupOf(found: RegExpExecArray): number {
  let group = 1;
  while (found[group] === undefined) group += 1;
  return group;
}

function isTooLong(message: string): boolean {
  const { length } = message;
  return length > LONGEST_MESSAGE && (length > 2 * LONGEST_MESSAGE || Array.from(message).length > LONGEST_MESSAGE);
}

/**
 * A message with what varies replaced by placeholders: what failures of one kind have in common. Normalising again
 * changes nothing. At most 200 characters.
 */
export function normalise(message: string): string {
  if (isTooLong(message)) return TOO_LONG;
  const { tokens, cut } = tokenise(message);
  const text = tokens.map((token) => token.text).join('');
  return cut ? text + CUT_MARK : text;
}
