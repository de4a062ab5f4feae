import { Button } from '@mantine/core';
import { useState } from 'react';

import { CopyButton } from '../components/copy-button.js';
import { readSetting, writeSetting } from '../settings.js';
import type { TaskDetails } from './documents.js';
import styles from './task.module.css';

/** What went wrong: class, message, stack. */
export function Failure({ task: { errorCategory, errorMessage, errorStack } }: { readonly task: TaskDetails }) {
  return (
    <section className={styles['section']} aria-labelledby="task-error">
      <h2 id="task-error">Error</h2>
      <div className={styles['error']}>
        {errorCategory !== null && <span className={styles['category']}>{errorCategory}</span>}
        <p>{errorMessage ?? 'Without a message.'}</p>
      </div>
      {errorStack !== null && errorStack !== '' && <Stack stack={errorStack} />}
    </section>
  );
}

function Stack({ stack }: { readonly stack: string }) {
  const [wrap, setWrap] = useState(() => readSetting('wrap', ['on', 'off'], 'off'));
  const toggle = () => {
    const next = wrap === 'on' ? 'off' : 'on';
    writeSetting('wrap', next);
    setWrap(next);
  };
  return (
    <div className={styles['stack']}>
      <div className={styles['stackHead']}>
        <h3>Stack trace</h3>
        <Button size="compact-xs" variant="subtle" aria-pressed={wrap === 'on'} onClick={toggle}>
          Wrap lines
        </Button>
        <CopyButton text={stack} of="the stack trace" />
      </div>
      <pre data-wrap={wrap === 'on' || undefined} tabIndex={0} aria-label="Stack trace">
        {stack}
      </pre>
    </div>
  );
}
