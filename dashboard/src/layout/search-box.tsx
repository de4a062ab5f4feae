import { Combobox, Kbd, TextInput, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useRef, useState } from 'react';
import { useLocation } from 'wouter';

import { graphql } from '../api/graphql.js';
import { useApiQuery } from '../api/hooks.js';
import { SearchIcon } from '../components/icons.js';
import { paths } from '../routing/paths.js';
import styles from './search-box.module.css';
import { useShortcut } from './shortcuts.js';

const QUEUE_NAMES = graphql(`
  query SearchQueues($nameContains: String) {
    queues(nameContains: $nameContains) {
      name
    }
  }
`);

const MOST_QUEUES = 6;
const LONGEST = 256;

interface Option {
  readonly path: string;
  readonly what: string;
  readonly text: string;
}

function optionsOf(text: string, queueNames: readonly string[]): readonly Option[] {
  if (text === '') return [];
  return [
    ...queueNames.slice(0, MOST_QUEUES).map((name) => ({ path: paths.queue(name), what: 'Queue', text: name })),
    { path: paths.tasks({ taskIdPrefix: text }), what: 'Tasks whose taskId starts with', text },
    { path: paths.tasks({ executionId: [text] }), what: 'Execution', text },
  ];
}

/** Finds queues by a part of their name, tasks by the beginning of their taskId, and executions by their id. */
export function SearchBox() {
  const [text, setText] = useState('');
  const [, navigate] = useLocation();
  const input = useRef<HTMLInputElement>(null);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const wanted = text.trim().slice(0, LONGEST);
  const [asked] = useDebouncedValue(wanted, 150);
  const { data } = useApiQuery(QUEUE_NAMES, { nameContains: asked }, { pause: asked === '' });
  const names = asked !== '' && data ? data.queues.map(({ name }) => name) : [];
  const options = optionsOf(wanted, names);
  useShortcut('/', 'Search', () => input.current?.focus());

  const go = (path: string) => {
    combobox.closeDropdown();
    setText('');
    input.current?.blur();
    navigate(path);
  };

  return (
    <search className={styles['search']}>
      <Combobox store={combobox} onOptionSubmit={go} shadow="md" offset={4} withinPortal={false}>
        <Combobox.Target>
          <TextInput
            ref={input}
            size="xs"
            aria-label="Search queues, tasks and executions"
            placeholder="Search queues and tasks"
            leftSection={<SearchIcon size={14} />}
            rightSection={text === '' ? <Kbd size="xs">/</Kbd> : null}
            value={text}
            maxLength={LONGEST}
            onChange={(event) => {
              setText(event.currentTarget.value);
              combobox.openDropdown();
              combobox.updateSelectedOptionIndex();
            }}
            onFocus={() => combobox.openDropdown()}
            onBlur={() => combobox.closeDropdown()}
            onKeyDown={(event) => {
              const first = options[0];
              if (event.key === 'Enter' && combobox.getSelectedOptionIndex() === -1 && first) go(first.path);
              if (event.key === 'Escape') input.current?.blur();
            }}
          />
        </Combobox.Target>
        <Combobox.Dropdown hidden={options.length === 0}>
          <Combobox.Options aria-label="Found">
            {options.map(({ path, what, text: found }) => (
              <Combobox.Option value={path} key={path}>
                <span className={styles['what']}>{what}</span> <span className={styles['found']}>{found}</span>
              </Combobox.Option>
            ))}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
    </search>
  );
}
