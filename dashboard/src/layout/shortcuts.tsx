import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef } from 'react';

import { matchShortcut, type Pressed } from './shortcut-keys.js';

export interface Shortcut {
  /** Keys one after another, e.g. `g o`, or one, e.g. `/`. */
  readonly keys: string;
  /** A line of the help dialog. */
  readonly description: string;
  readonly run: () => void;
}

class Shortcuts {
  readonly #all = new Set<Shortcut>();
  #pressed: Pressed = { keys: [], at: 0 };

  add(shortcut: Shortcut): () => void {
    this.#all.add(shortcut);
    return () => this.#all.delete(shortcut);
  }

  /** In the order in which they were added. */
  list(): readonly Shortcut[] {
    return [...this.#all];
  }

  readonly press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTaken(event.target)) return;
    const { pressed, matched } = matchShortcut(this.list(), this.#pressed, event.key, event.timeStamp);
    this.#pressed = pressed;
    if (matched === null) return;
    event.preventDefault();
    matched.run();
  };
}

/** Where keys are text, or belong to a dialog. */
function isTaken(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable], [role="dialog"], [role="menu"]') !== null;
}

const ShortcutContext = createContext<Shortcuts | null>(null);

export function ShortcutProvider({ children }: { readonly children: ReactNode }) {
  const shortcuts = useMemo(() => new Shortcuts(), []);
  useEffect(() => {
    document.addEventListener('keydown', shortcuts.press);
    return () => document.removeEventListener('keydown', shortcuts.press);
  }, [shortcuts]);
  return <ShortcutContext.Provider value={shortcuts}>{children}</ShortcutContext.Provider>;
}

export function useShortcuts(): { list(): readonly Shortcut[] } {
  const shortcuts = useContext(ShortcutContext);
  if (shortcuts === null) throw new Error('needs a ShortcutProvider around it');
  return shortcuts;
}

/** Registers keys for as long as the component is there; the help dialog lists them. */
export function useShortcut(keys: string, description: string, run: () => void): void {
  const shortcuts = useContext(ShortcutContext);
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => shortcuts?.add({ keys, description, run: () => latest.current() }), [shortcuts, keys, description]);
}
