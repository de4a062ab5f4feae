import { ActionIcon } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';

import { CheckIcon, CopyIcon } from './icons.js';

export interface CopyButtonProps {
  /** What is copied; a function is asked when the button is pressed. */
  readonly text: string | (() => string);
  /** What it is, e.g. `taskId`. */
  readonly of: string;
}

/** Without the clipboard's permission, or over plain http on another host, there is no `navigator.clipboard`. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Copies a text, and says so. */
export function CopyButton({ text, of }: CopyButtonProps) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const press = async () => {
    setState((await copy(typeof text === 'string' ? text : text())) ? 'copied' : 'failed');
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setState('idle'), 1_500);
  };
  const label = { idle: `Copy ${of}`, copied: `Copied ${of}`, failed: 'The browser does not allow copying' }[state];
  return (
    <ActionIcon variant="subtle" color="gray" size="sm" c={state === 'failed' ? 'var(--tt-danger)' : 'var(--tt-dim)'} title={label} aria-label={label} onClick={() => void press()}>
      {state === 'copied' ? <CheckIcon size={14} /> : <CopyIcon size={14} />}
      <span role="status" className="tt-visually-hidden">
        {state === 'idle' ? '' : label}
      </span>
    </ActionIcon>
  );
}
