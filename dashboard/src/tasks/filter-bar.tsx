import { Button, TagsInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';

import { graphql } from '../api/graphql.js';
import { useApiQuery } from '../api/hooks.js';
import { CloseIcon } from '../components/icons.js';
import { STATUS_LOOKS } from '../components/status.js';
import { STATUSES } from '../routing/task-filter.js';
import { useZone } from '../time/time.js';
import { conditionsOf, withConditions } from './conditions.js';
import styles from './filter.module.css';
import { FilterPanel } from './filter-panel.js';
import type { FilterProps } from './filter-props.js';
import { TextField } from './text-field.js';

const QUEUE_NAMES = graphql(`
  query FilterQueues($nameContains: String) {
    queues(nameContains: $nameContains) {
      name
    }
  }
`);

/** What is asked for most, always at hand; the rest in a panel; and every condition that holds, to be taken away. */
export function FilterBar({ filter, onFilter }: FilterProps) {
  const [opened, setOpened] = useState(false);
  return (
    <section aria-label="Filter" className={styles['filter']}>
      <div className={styles['bar']}>
        <Statuses filter={filter} onFilter={onFilter} />
        <Queues filter={filter} onFilter={onFilter} />
        <TextField
          aria-label="taskId starts with"
          placeholder="taskId starts with"
          className={styles['prefix']}
          maxLength={512}
          value={filter.taskIdPrefix ?? ''}
          onCommit={(text) => onFilter(withConditions(filter, { taskIdPrefix: text }))}
        />
        <Button size="xs" variant="default" aria-expanded={opened} aria-controls="filter-panel" onClick={() => setOpened(!opened)}>
          {opened ? 'Fewer filters' : 'More filters'}
        </Button>
      </div>
      {opened && <FilterPanel filter={filter} onFilter={onFilter} />}
      <Conditions filter={filter} onFilter={onFilter} />
    </section>
  );
}

function Statuses({ filter, onFilter }: FilterProps) {
  const chosen = filter.status ?? [];
  return (
    <div role="group" aria-label="Status" className={styles['statuses']}>
      {STATUSES.map((status) => {
        const { label, short, key, meaning } = STATUS_LOOKS[status];
        const pressed = chosen.includes(status);
        // In the order of life, whatever the order of the clicks.
        const next = STATUSES.filter((other) => (other === status ? !pressed : chosen.includes(other)));
        return (
          <button
            key={status}
            type="button"
            aria-pressed={pressed}
            data-status={key}
            title={`${label}: ${meaning}`}
            className={styles['status']}
            onClick={() => onFilter(withConditions(filter, { status: next }))}
          >
            {short}
          </button>
        );
      })}
    </div>
  );
}

function Queues({ filter, onFilter }: FilterProps) {
  const [search, setSearch] = useState('');
  const [asked] = useDebouncedValue(search.trim().slice(0, 256), 150);
  const { data } = useApiQuery(QUEUE_NAMES, { nameContains: asked });
  return (
    <TagsInput
      size="xs"
      aria-label="Queues"
      placeholder={(filter.queueName ?? []).length === 0 ? 'Any queue' : ''}
      className={styles['queues']}
      comboboxProps={{ withinPortal: false }}
      maxTags={100}
      limit={20}
      acceptValueOnBlur={false}
      data={(data?.queues ?? []).map(({ name }) => name)}
      value={[...(filter.queueName ?? [])]}
      searchValue={search}
      splitChars={[]}
      onSearchChange={setSearch}
      onChange={(queueName) => onFilter(withConditions(filter, { queueName }))}
    />
  );
}

function Conditions({ filter, onFilter }: FilterProps) {
  const [zone] = useZone();
  const conditions = conditionsOf(filter, zone);
  if (conditions.length === 0) return null;
  return (
    <ul className={styles['conditions']} aria-label="Conditions">
      {conditions.map(({ key, name, value, without }) => (
        <li key={key}>
          <span className={styles['condition']} title={`${name} ${value}`}>
            <span>{name}</span> <strong>{value}</strong>
          </span>
          <button type="button" aria-label={`Remove: ${name} ${value}`} onClick={() => onFilter(without)}>
            <CloseIcon size={12} />
          </button>
        </li>
      ))}
      <li className={styles['clear']}>
        <button type="button" onClick={() => onFilter({})}>
          Clear all
        </button>
      </li>
    </ul>
  );
}
