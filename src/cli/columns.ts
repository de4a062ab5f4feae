/** Drawn two columns wide: what Unicode calls wide or full-width (East Asian Width), and emoji. */
const WIDE =
  /^(?:\p{Emoji_Presentation}|.\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}])/u;
/** Drawn over the character before it, or not at all. */
const NONE = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

/** One that was drawn is one character for who reads it, whatever it is made of. */
const charactersOf = (text: string): string[] => Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);

function columnsOfOne(character: string): number {
  if (NONE.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** How many columns of a terminal a printable text takes. */
export function columnsOf(text: string): number {
  return charactersOf(text).reduce((sum, character) => sum + columnsOfOne(character), 0);
}

/** The text in so many columns at most: cut with an ellipsis where it takes more. */
export function cutToColumns(text: string, most: number): string {
  if (columnsOf(text) <= most) return text;
  if (most < 1) return '';
  let cut = '';
  let left = most - 1;
  for (const character of charactersOf(text)) {
    left -= columnsOfOne(character);
    if (left < 0) break;
    cut += character;
  }
  return `${cut}…`;
}
