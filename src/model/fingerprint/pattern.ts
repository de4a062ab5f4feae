import { goesOnBehindLine, isWordLike, LONGEST_MESSAGE, LONGEST_WORD, NUMBER, textOf, type Token, tokenise, TOO_LONG } from './normalise.js';
import { anyOf, NUMBER_IN_WORD, type Rule, RULES, SPACE, SPACE_IN_LINE, SPACE_OR_NONE } from './rules.js';

const DIGIT = /^[0-9]/;
const VERY_END = '(?![\\s\\S])';

function literal(text: string): string {
  // A NUL ends a pattern in MongoDB's protocol; other control characters are written alike, to be readable.
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replace(/[\0-\x1f\x7f]/g, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** Not one of these rules here. */
function none(rules: readonly Rule[]): string {
  return rules.length === 0 ? '' : `(?!${anyOf(rules)})`;
}

/** The tokens of a normalised message, with what is known of the text that a message has in their place. */
class Template {
  constructor(
    readonly tokens: readonly Token[],
    private readonly cut: boolean,
  ) {}

  /** The number that the word at an index ends with stands behind it. */
  hasNumber(index: number): boolean {
    const [word, number] = [this.tokens[index], this.tokens[index + 1]];
    return word?.kind === 'word' && number?.text === NUMBER && /[a-z]$/.test(word.text);
  }

  /** Whether the token shows itself, in every message: not what a rule found. */
  isLiteral(index: number): boolean {
    if (this.tokens[index]?.kind !== 'placeholder') return this.tokens[index] !== undefined;
    return isWordLike(this.tokens[index - 1]) && !this.hasNumber(index - 1);
  }

  /** Whether what a rule finds may go on at an index, with a character of that set. */
  goesOn(characters: RegExp, index: number): boolean {
    const token = this.tokens[index];
    if (token === undefined) return this.cut;
    return !this.isLiteral(index) || token.kind === 'word' || characters.test(token.text);
  }

  /**
   * Whether a rule may come from a word before an index to where messages differ. What it finds in literal text alone,
   * it finds in the normalised message too, of which we know that it finds nothing.
   */
  comesToUnknown(rule: Rule, index: number): boolean {
    let characters = rule.second;
    for (let at = index; at < this.tokens.length; at += 1) {
      if (!this.goesOn(characters, at)) return false;
      if (!this.isLiteral(at)) return true;
      characters = rule.inner ?? rule.second;
    }
    return this.cut;
  }

  /** Whether the rule was refused at a word before, from where it would have found what it finds from this one. */
  wasRefusedBefore({ chains, starts }: Rule, index: number): boolean {
    if (chains === undefined) return false;
    let at = index - 1;
    while (this.tokens[at]?.kind === 'other' && chains.test(this.tokens[at]?.text ?? '')) at -= 1;
    const word = this.tokens[at];
    return at < index - 1 && word?.kind === 'word' && !isWordLike(this.tokens[at - 1]) && (starts.includes('digit') || !DIGIT.test(word.text));
  }
}

/** Rules that would find something else where a rule finds a placeholder. `behind`: index of the token behind it. */
function isRival(earlier: Rule, rule: Rule, template: Template, behind: number): boolean {
  if (!earlier.starts.some((start) => rule.starts.includes(start))) return false;
  return rule.hides?.includes(earlier.name) === true || template.goesOn(rule.isWord ? earlier.second : (earlier.inner ?? earlier.second), behind);
}

/** What rules find that show this placeholder. They stand together in the list, so all before the first come before each. */
function found(template: Template, index: number): readonly string[] {
  const rules = RULES.filter(({ placeholder }) => textOf(placeholder) === template.tokens[index]?.text);
  const [first] = rules;
  if (first === undefined) return [];
  const rivals = RULES.slice(0, RULES.indexOf(first)).filter((earlier) => rules.some((rule) => isRival(earlier, rule, template, index + 1)));
  return rivals.length === 0 ? [anyOf(rules)] : [`${none(rivals)}(?:${anyOf(rules)})`];
}

/** Rules that would find something where the normalised message shows a word, with a number behind it or without. */
function rulesAtWord(template: Template, index: number, word: string): readonly Rule[] {
  const withNumber = template.hasNumber(index);
  const starts = DIGIT.test(word) ? ['digit'] : ['letter', 'day of the week'];
  return RULES.filter((rule) => {
    if (!rule.starts.some((start) => starts.includes(start))) return false;
    if (template.wasRefusedBefore(rule, index)) return false;
    if (!withNumber) return rule.firstWord?.test(word) !== false && template.comesToUnknown(rule, index + 1);
    // A word with its number may be an id together.
    return rule.isWord || template.goesOn(rule.second, index + 2);
  });
}

/** Behind the last word that is shown: neither more of it nor the number that would be shown with it. */
function wordEndsHere(word: string): string {
  const more = word.length < LONGEST_WORD ? '(?![A-Za-z0-9])' : '';
  return /[a-z]$/.test(word) ? `${more}(?!${NUMBER_IN_WORD})` : more;
}

/**
 * A regular expression that fits exactly the messages that normalise to this one: for MongoDB (`$regex`, a string, no
 * options), for Python's `re` and for JavaScript (flag `u`). It says what `tokenise` does, piece by piece: each piece
 * has one way to fit, so the time is in proportion to the message. Within the 16,384 bytes that MongoDB takes.
 *
 * @param normalised what `normalise` gave: normalising it again changes nothing
 */
export function patternOf(normalised: string): string {
  const { tokens, cut } = tokenise(normalised);
  const template = new Template(tokens, cut);
  let groups = 0;
  /** The first alternative that fits, and no other is tried once it did: what an atomic group is where there is one. */
  const once = (options: readonly string[]): string => `(?=(${options.join('|')}))(?:\\${(groups += 1)})`;

  const pieces = tokens.map((token, index) => {
    const previous = tokens[index - 1];
    const isFree = !isWordLike(previous);
    switch (token.kind) {
      case 'space':
        return goesOnBehindLine(previous) ? SPACE : SPACE_IN_LINE;
      case 'placeholder':
        if (isFree) return once([literal(token.text), ...found(template, index)]);
        return template.hasNumber(index - 1) ? NUMBER_IN_WORD : literal(token.text);
      case 'word': {
        const isLast = cut && index === tokens.length - 1;
        return (isFree ? none(rulesAtWord(template, index, token.text)) : '') + token.text + (isLast ? wordEndsHere(token.text) : '');
      }
      case 'other':
        return (isFree ? none(RULES.filter((rule) => rule.starts.includes(token.text) && template.comesToUnknown(rule, index + 1))) : '') + literal(token.text);
    }
  });
  const end = goesOnBehindLine(tokens.at(-1)) ? SPACE_OR_NONE + VERY_END : `[ \\t\\f\\x0b]*(?:[\\r\\n]|${VERY_END})`;
  const tooLong = `[\\s\\S]{${LONGEST_MESSAGE + 1}}`;
  const fits = `(?!${tooLong})${SPACE_OR_NONE}${pieces.join('')}${cut ? `(?!${end})` : end}`;
  return normalised === TOO_LONG ? `^(?:${tooLong}|${fits})` : `^${fits}`;
}
