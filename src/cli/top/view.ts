import { Box, Text, useInput, useStdin } from 'ink';
import { createElement, type ReactElement } from 'react';

import type { Line, Tone } from './layout.js';
import type { TopKey } from './state.js';

type TextProps = Parameters<typeof Text>[0];

const PROPS: Readonly<Record<Tone, Omit<TextProps, 'children'>>> = {
  plain: {},
  title: { bold: true },
  head: { dimColor: true },
  selected: { inverse: true },
  dim: { dimColor: true },
  warning: { color: 'yellow', bold: true },
};

/** Keys that came together with others, fast typed or pasted, come as text. */
const NAMED: Readonly<Record<string, TopKey>> = { '\r': { name: 'enter' }, '\n': { name: 'enter' }, '\u007f': { name: 'backspace' }, '\u0003': { name: 'quit' } };

interface ScreenProps {
  readonly lines: readonly Line[];
  /** Whether the terminal shows colours and the like; a selected row is then marked by them. */
  readonly colours: boolean;
  readonly onKey: (key: TopKey) => void;
}

function Keys({ onKey }: Pick<ScreenProps, 'onKey'>): null {
  useInput((input, key) => {
    if (key.upArrow) onKey({ name: 'up' });
    else if (key.downArrow) onKey({ name: 'down' });
    else if (key.return) onKey({ name: 'enter' });
    else if (key.escape) onKey({ name: 'escape' });
    else if (key.backspace || key.delete) onKey({ name: 'backspace' });
    else if (key.ctrl && input === 'c') onKey({ name: 'quit' });
    else if (!key.ctrl && !key.meta) for (const text of input) onKey(NAMED[text] ?? { text });
  });
  return null;
}

/** The lines as they are. Without colours a selected row begins with `>`. */
export function Screen({ lines, colours, onKey }: ScreenProps): ReactElement {
  const { isRawModeSupported } = useStdin();
  const rows = lines.map(({ text, tone }, index) => {
    const marked = !colours && tone === 'selected' ? `>${text.slice(0, -1)}` : text;
    return createElement(Text, { key: index, wrap: 'truncate', ...(colours ? PROPS[tone] : {}) }, marked === '' ? ' ' : marked);
  });
  return createElement(Box, { flexDirection: 'column' }, ...rows, isRawModeSupported ? createElement(Keys, { key: 'keys', onKey }) : null);
}
