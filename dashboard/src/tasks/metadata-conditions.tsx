import { Button, NativeSelect, TextInput } from '@mantine/core';
import { type SubmitEvent, useState } from 'react';

import { METADATA_TESTS, type MetadataTest, readCondition } from './conditions.js';
import styles from './filter.module.css';
import type { FilterProps } from './filter-props.js';

const TEST_LABELS: Readonly<Record<MetadataTest, string>> = { eq: 'is', in: 'is one of', exists: 'is there', missing: 'is not there' };
const MOST = 20;

/** Adds a condition on a value inside `metadata`; those that hold are taken away where all conditions are shown. */
export function MetadataConditions({ filter, onFilter }: FilterProps) {
  const [path, setPath] = useState('');
  const [test, setTest] = useState<MetadataTest>('eq');
  const [text, setText] = useState('');
  const condition = readCondition(path, test, text);
  const held = filter.metadata ?? [];
  const add = (event: SubmitEvent) => {
    event.preventDefault();
    if (condition === null || held.length >= MOST) return;
    onFilter({ ...filter, metadata: [...held, condition] });
    setPath('');
    setText('');
  };
  const withValue = test === 'eq' || test === 'in';
  return (
    <form className={styles['metadata']} aria-label="Condition on metadata" onSubmit={add}>
      <TextInput size="xs" label="Metadata path" placeholder="aircraft.id" value={path} onChange={(event) => setPath(event.currentTarget.value)} />
      <NativeSelect
        size="xs"
        label="Test"
        data={METADATA_TESTS.map((value) => ({ value, label: TEST_LABELS[value] }))}
        value={test}
        onChange={(event) => setTest(event.currentTarget.value as MetadataTest)}
      />
      <TextInput
        size="xs"
        label="Value"
        placeholder={test === 'in' ? 'A, B, 3' : 'text, 3, true, "3"'}
        disabled={!withValue}
        value={withValue ? text : ''}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button type="submit" size="xs" variant="light" disabled={condition === null || held.length >= MOST}>
        Add
      </Button>
    </form>
  );
}
