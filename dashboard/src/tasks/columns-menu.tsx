import { Button, Popover, TextInput } from '@mantine/core';
import { type SubmitEvent, useState } from 'react';

import { COLUMN_KEYS, type Column, columnLabel, DEFAULT_COLUMNS, metadataColumn, metadataPath } from './columns.js';
import styles from './tasks.module.css';

interface ColumnsMenuProps {
  readonly columns: readonly Column[];
  readonly onColumns: (columns: readonly Column[]) => void;
}

/** Which columns the list has: fields, and values inside `metadata` by their path. */
export function ColumnsMenu({ columns, onColumns }: ColumnsMenuProps) {
  const [path, setPath] = useState('');
  const own = columns.filter((column) => metadataPath(column) !== null);
  const fresh = metadataColumn(path);
  const toggle = (column: Column, on: boolean) => {
    // Fields keep their order, whatever the order of the clicks; values of metadata follow.
    const fields = COLUMN_KEYS.filter((key) => (key === column ? on : columns.includes(key)));
    onColumns([...fields, ...own.filter((other) => other !== column || on)]);
  };
  const add = (event: SubmitEvent) => {
    event.preventDefault();
    if (fresh === null) return;
    if (!columns.includes(fresh)) onColumns([...columns, fresh]);
    setPath('');
  };
  return (
    <Popover position="bottom-end" shadow="md" withinPortal={false} trapFocus>
      <Popover.Target>
        <Button size="xs" variant="default" className={styles['columnsMenu']}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns">
        <div className={styles['columns']}>
          {[...COLUMN_KEYS, ...own].map((column) => (
            <label key={column}>
              <input type="checkbox" checked={columns.includes(column)} onChange={(event) => toggle(column, event.currentTarget.checked)} />
              {columnLabel(column)}
            </label>
          ))}
        </div>
        <form className={styles['addColumn']} onSubmit={add}>
          <TextInput size="xs" aria-label="Path of a metadata column" placeholder="Metadata path" value={path} onChange={(event) => setPath(event.currentTarget.value)} />
          <Button type="submit" size="xs" variant="light" disabled={fresh === null}>
            Add
          </Button>
        </form>
        <Button size="compact-xs" variant="subtle" onClick={() => onColumns(DEFAULT_COLUMNS)}>
          Default columns
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}
