import { readFileSync } from 'node:fs';
import path from 'node:path';

import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';

import { renderConfigTable } from '../../src/config.js';
import { renderLimitsTable } from '../../src/config/limits-table.js';
import { renderRolesTable } from '../../src/graphql/access/permissions.js';
import { renderMetricsTable } from '../../src/metrics/describe.js';
import { renderMovesNotes, renderMovesTable } from '../../src/model/moves.js';

const root = path.resolve(import.meta.dirname, '../..');
const readme = readFileSync(path.join(root, 'README.md'), 'utf8');

describe('the README', () => {
  it('has the table of moves that the code has (node scripts/write-readme.mjs writes it)', () => {
    expect(readme).toContain(`<!-- moves -->\n${renderMovesTable()}\n\n${renderMovesNotes()}\n<!-- /moves -->`);
  });

  it('has the table of settings that the code reads (node scripts/write-readme.mjs writes it)', () => {
    expect(readme).toContain(`<!-- configuration -->\n${renderConfigTable()}\n<!-- /configuration -->`);
  });

  it('has beside it the table of metrics that the code serves (node scripts/write-readme.mjs writes it)', () => {
    const observability = readFileSync(path.join(root, 'docs/observability.md'), 'utf8');
    expect(observability).toContain(`<!-- metrics -->\n${renderMetricsTable()}\n<!-- /metrics -->`);
  });

  it('has beside it the table of limits that hold (node scripts/write-readme.mjs writes it)', () => {
    const limits = readFileSync(path.join(root, 'docs/limits.md'), 'utf8');
    expect(limits).toContain(`<!-- limits -->\n${renderLimitsTable()}\n<!-- /limits -->`);
  });

  it('has beside it the table of roles that holds (node scripts/write-readme.mjs writes it)', () => {
    const access = readFileSync(path.join(root, 'docs/access.md'), 'utf8');
    expect(access).toContain(`<!-- roles -->\n${renderRolesTable()}\n<!-- /roles -->`);
  });

  it('shows only operations that the API answers', () => {
    const schema = buildSchema(readFileSync(path.join(root, 'schema.graphql'), 'utf8'));
    const operations = [...readme.matchAll(/```graphql\n([^]*?)```/g)].map(([, text]) => text ?? '');
    expect(operations).toHaveLength(3);
    for (const operation of operations) expect(validate(schema, parse(operation))).toEqual([]);
  });

  it('leads to files that are there', () => {
    for (const [, target] of readme.matchAll(/\]\(([^)#]+)\)/g)) expect(() => readFileSync(path.join(root, target ?? ''))).not.toThrow();
  });
});
