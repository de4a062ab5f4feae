/** Keys pressed so far that may become a shortcut, and when the last one was, in ms. */
export interface Pressed {
  readonly keys: readonly string[];
  readonly at: number;
}

/** The second key of `g o` must follow within this time. */
const SEQUENCE_MS = 1_200;

/** What the next key makes of those before it: the shortcut that it completes, or what to remember. */
export function matchShortcut<S extends { readonly keys: string }>(
  shortcuts: readonly S[],
  before: Pressed,
  key: string,
  at: number,
): { readonly pressed: Pressed; readonly matched: S | null } {
  const begun = at - before.at <= SEQUENCE_MS ? before.keys : [];
  for (const keys of [[...begun, key], [key]]) {
    const text = keys.join(' ');
    const matched = shortcuts.find((shortcut) => shortcut.keys === text);
    if (matched !== undefined) return { pressed: { keys: [], at }, matched };
    if (shortcuts.some((shortcut) => shortcut.keys.startsWith(`${text} `))) return { pressed: { keys, at }, matched: null };
  }
  return { pressed: { keys: [], at }, matched: null };
}
