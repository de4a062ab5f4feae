import { buildSchema, parse, validate } from 'graphql';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { DEFAULT_COLUMNS, gridTracks, metadataColumn, metadataText, parseColumns } from '../../../dashboard/src/tasks/columns.js';
import { conditionsOf, instantInWords, readCondition, sameFilter, withConditions } from '../../../dashboard/src/tasks/conditions.js';
import { asCurl, asGraphql } from '../../../dashboard/src/tasks/copy-as.js';
import { readInstant, writeInstant } from '../../../dashboard/src/tasks/instant-text.js';
import { type Selected, toggled } from '../../../dashboard/src/tasks/selected.js';
import type { TaskFilter } from '../../../dashboard/src/routing/task-filter.js';

const ORDER = { field: 'UPDATED_AT', direction: 'ASC' } as const;

describe('conditions in words', () => {
  const filter: TaskFilter = { status: ['FAILED', 'DLQ'], failedAfter: '-2h', metadata: [{ path: 'a.b', eq: '3' }, { path: 'c', exists: false }] };

  it('name each condition, and the filter without it', () => {
    const conditions = conditionsOf(filter, 'utc');
    expect(conditions.map(({ name, value }) => `${name} ${value}`)).toEqual(['Status Failed, Dead letters', 'Failed after 2 h ago', 'metadata a.b is "3"', 'metadata c is not there']);
    expect(conditions[0]?.without).toEqual({ failedAfter: '-2h', metadata: filter.metadata });
    expect(conditions[2]?.without.metadata).toEqual([{ path: 'c', exists: false }]);
  });

  it('show an instant by the clock of the reader', () => {
    expect(instantInWords('2026-01-31T08:15:00.000Z', 'utc')).toBe('2026-01-31 08:15:00 UTC');
    expect(instantInWords('-15m', 'utc')).toBe('15 min ago');
  });

  it('that do not restrict are no conditions', () => {
    expect(withConditions(filter, { status: [], failedAfter: undefined, taskIdPrefix: '' })).toEqual({ metadata: filter.metadata });
    expect(sameFilter({ taskId: 'a', minRetryCount: 0 }, { minRetryCount: 0, taskId: 'a' })).toBe(true);
  });

  it('on metadata are read as they are typed: JSON where it is one, else text', () => {
    expect(readCondition('aircraft.id', 'eq', ' N123 ')).toEqual({ path: 'aircraft.id', eq: 'N123' });
    expect(readCondition('size', 'eq', '3')).toEqual({ path: 'size', eq: 3 });
    expect(readCondition('size', 'eq', '"3"')).toEqual({ path: 'size', eq: '3' });
    expect(readCondition('size', 'eq', 'exists:true')).toEqual({ path: 'size', eq: 'exists:true' });
    expect(readCondition('size', 'in', 'A, 3, "b, c"')).toEqual({ path: 'size', in: ['A', 3, 'b, c'] });
    expect(readCondition('size', 'in', 'A, null')).toBeNull();
    expect(readCondition('size', 'missing', 'ignored')).toEqual({ path: 'size', exists: false });
    expect(readCondition('', 'eq', 'x')).toBeNull();
    expect(readCondition('a..b', 'exists', '')).toBeNull();
    expect(readCondition('a', 'eq', '')).toBeNull();
    expect(readCondition('a', 'in', ' , ')).toBeNull();
  });
});

describe('instants as people type them', () => {
  it('are relative, days, times by the chosen clock, or RFC 3339', () => {
    expect(readInstant('2h', 'utc')).toBe('-2h');
    expect(readInstant('-15m', 'utc')).toBe('-15m');
    expect(readInstant('2026-01-31', 'utc')).toBe('2026-01-31T00:00:00.000Z');
    expect(readInstant('2026-01-31 08:15', 'utc')).toBe('2026-01-31T08:15:00.000Z');
    expect(readInstant('2026-01-31T08:15:30.25', 'utc')).toBe('2026-01-31T08:15:30.250Z');
    expect(readInstant('2026-01-31T08:15:00+01:00', 'utc')).toBe('2026-01-31T07:15:00.000Z');
    expect(readInstant('2026-01-31 08:15', 'local')).toBe(new Date(2026, 0, 31, 8, 15).toISOString());
  });

  it('that are none are refused', () => {
    for (const text of ['yesterday', '2026-02-31', '2026-13-01', '5', '', '2h ago']) expect(readInstant(text, 'utc')).toBeNull();
  });

  it('are shown in a field as they could be typed', () => {
    for (const zone of ['utc', 'local'] as const) {
      for (const iso of ['2026-01-31T08:15:00.000Z', '2026-07-01T23:59:59.999Z', '-2h']) expect(readInstant(writeInstant(iso, zone), zone)).toBe(iso);
    }
    expect(writeInstant(undefined, 'utc')).toBe('');
  });
});

describe('columns', () => {
  it('are remembered, and whatever else stands there is passed over', () => {
    expect(parseColumns('["status","nonsense","metadata.aircraft.id","metadata..","status",7]')).toEqual(['status', 'metadata.aircraft.id']);
    for (const text of [null, 'no JSON', '{"a":1}']) expect(parseColumns(text)).toBe(DEFAULT_COLUMNS);
    expect(parseColumns('[]')).toEqual([]);
  });

  it('show a value of metadata by its path', () => {
    const metadata = { aircraft: { id: 'N1', seats: [1, 2] }, nothing: null };
    expect(metadataText(metadata, 'aircraft.id')).toBe('N1');
    expect(metadataText(metadata, 'aircraft.seats')).toBe('[1,2]');
    expect(metadataText(metadata, 'nothing')).toBe('null');
    expect(metadataText(metadata, 'nothing.more')).toBe('');
    expect(metadataText(metadata, 'constructor.name')).toBe('');
    expect(metadataColumn(' aircraft.id ')).toBe('metadata.aircraft.id');
    expect(metadataColumn('a..b')).toBeNull();
    expect(gridTracks(['status', 'metadata.a']).split(/ (?![^(]*\))/)).toHaveLength(4);
  });
});

describe('copies of what a list asks', () => {
  const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
  const filter: TaskFilter = {
    queueName: ['it\'s "quoted" \\ $(rm -rf)', 'ü\u2028'],
    status: ['FAILED'],
    errorCategory: ['TRANSIENT'],
    minRetryCount: 2,
    failedAfter: '2026-01-31T08:15:00.000Z',
    metadata: [{ path: 'a.b', eq: 'x' }, { path: 'c', in: [1, true, 'FAILED'] }, { path: 'd', exists: true }],
  };

  it('as GraphQL stand alone and are valid', () => {
    for (const asked of [filter, {}]) expect(validate(schema, parse(asGraphql({ filter: asked, orderBy: ORDER })))).toEqual([]);
    expect(asGraphql({ filter: { status: ['FAILED'], taskId: 'FAILED' }, orderBy: ORDER })).toContain('filter: { status: [FAILED], taskId: "FAILED" }, orderBy: { field: UPDATED_AT, direction: ASC }');
  });

  it('as a command hand the shell one word for the body, whatever the filter holds', () => {
    const command = asCurl({ filter, orderBy: ORDER }, 'http://localhost:4000/graphql');
    const words = [...command.matchAll(/'((?:[^']|'\\'')*)'/g)].map(([, word = '']) => word.replaceAll("'\\''", "'"));
    expect(words.slice(0, 2)).toEqual(['http://localhost:4000/graphql', 'content-type: application/json']);
    const { query, variables } = JSON.parse(words[2] ?? '') as { query: string; variables: unknown };
    expect(variables).toEqual({ filter, orderBy: ORDER });
    expect(validate(schema, parse(query))).toEqual([]);
  });
});

describe('a selection of rows', () => {
  const rows = ['a', 'b', 'c', 'd'].map((executionId) => ({ executionId }));
  const none: Selected<{ executionId: string }> = { byId: new Map(), last: null };
  const idsOf = (selected: Selected<{ executionId: string }>): string[] => [...selected.byId.keys()];

  it('takes a row in and out, and a range from the last one', () => {
    const first = toggled(none, rows, 1, false);
    expect(idsOf(first)).toEqual(['b']);
    expect(idsOf(toggled(first, rows, 3, true))).toEqual(['b', 'c', 'd']);
    expect(idsOf(toggled(toggled(first, rows, 3, true), rows, 2, false))).toEqual(['b', 'd']);
    expect(idsOf(toggled(none, rows, 2, true))).toEqual(['c']);
  });
});
