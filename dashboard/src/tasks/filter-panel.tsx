import { TagsInput } from '@mantine/core';

import { CATEGORIES, INSTANT_FIELDS, type TaskFilter } from '../routing/task-filter.js';
import { useZone } from '../time/time.js';
import { CATEGORY_LABELS, withConditions } from './conditions.js';
import styles from './filter.module.css';
import type { FilterProps } from './filter-props.js';
import { INSTANT_SUGGESTIONS, readInstant, writeInstant } from './instant-text.js';
import { MetadataConditions } from './metadata-conditions.js';
import { TextField } from './text-field.js';

const INSTANT_LABELS: Readonly<Record<(typeof INSTANT_FIELDS)[number], string>> = {
  enqueuedAfter: 'Enqueued after',
  enqueuedBefore: 'Enqueued before',
  updatedAfter: 'Changed after',
  updatedBefore: 'Changed before',
  failedAfter: 'Failed after',
  failedBefore: 'Failed before',
};

const TEXTS = [
  ['taskId', 'taskId, exactly'],
  ['fingerprint', 'Error group'],
] as const satisfies readonly (readonly [keyof TaskFilter, string])[];

/** Every condition that the API knows, beside those of the bar. */
export function FilterPanel({ filter, onFilter }: FilterProps) {
  const [zone] = useZone();
  const categories = filter.errorCategory ?? [];
  return (
    <div id="filter-panel" className={styles['panel']}>
      <fieldset className={styles['categories']}>
        <legend>Error class</legend>
        {CATEGORIES.map((category) => (
          <label key={category}>
            <input
              type="checkbox"
              checked={categories.includes(category)}
              onChange={({ currentTarget: { checked } }) =>
                onFilter(withConditions(filter, { errorCategory: CATEGORIES.filter((other) => (other === category ? checked : categories.includes(other))) }))
              }
            />
            {CATEGORY_LABELS[category]}
          </label>
        ))}
      </fieldset>
      <div className={styles['fields']}>
        {TEXTS.map(([field, label]) => (
          <TextField key={field} label={label} maxLength={512} value={filter[field] ?? ''} onCommit={(text) => onFilter(withConditions(filter, { [field]: text }))} />
        ))}
        <TagsInput
          size="xs"
          label="Executions"
          placeholder={(filter.executionId ?? []).length === 0 ? 'One or more ids' : ''}
          maxTags={200}
          splitChars={[',', ' ']}
          value={[...(filter.executionId ?? [])]}
          onChange={(executionId) => onFilter(withConditions(filter, { executionId }))}
        />
        <TextField
          label="Retries at least"
          inputMode="numeric"
          value={filter.minRetryCount === undefined ? '' : String(filter.minRetryCount)}
          check={(text) => (/^\d{1,9}$/.test(text.trim()) ? null : 'A whole number')}
          onCommit={(text) => onFilter(withConditions(filter, { minRetryCount: text.trim() === '' ? undefined : Number(text) }))}
        />
        {INSTANT_FIELDS.map((field) => (
          <TextField
            key={field}
            label={INSTANT_LABELS[field]}
            placeholder={zone === 'utc' ? '-2h, or UTC time' : '-2h, or local time'}
            list="instant-suggestions"
            value={writeInstant(filter[field], zone)}
            check={(text) => (readInstant(text, zone) === null ? 'Such as -2h, 2026-01-31, 2026-01-31 08:15' : null)}
            onCommit={(text) => onFilter(withConditions(filter, { [field]: readInstant(text, zone) ?? undefined }))}
          />
        ))}
        <datalist id="instant-suggestions">
          {INSTANT_SUGGESTIONS.map((text) => (
            <option key={text} value={text} />
          ))}
        </datalist>
      </div>
      <MetadataConditions filter={filter} onFilter={onFilter} />
    </div>
  );
}
