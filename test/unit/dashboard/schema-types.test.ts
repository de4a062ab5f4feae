import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');

test("the dashboard's types are those of schema.graphql: `npm run schema` writes both", () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tasktracker-types-'));
  try {
    const output = path.join(folder, 'schema-types.d.ts');
    const made = spawnSync(process.execPath, [path.join(root, 'node_modules/gql.tada/bin/cli.js'), 'generate-output', '--tsconfig', path.join(root, 'dashboard/tsconfig.json'), '--output', output], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(made.status, made.stderr + made.stdout).toBe(0);
    expect(readFileSync(path.join(root, 'dashboard/src/api/schema-types.d.ts'), 'utf8')).toBe(readFileSync(output, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
