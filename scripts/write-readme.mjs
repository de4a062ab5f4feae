/**
 * Writes the generated parts of the documentation: the tables of moves and of settings in README.md, that of metrics in
 * docs/observability.md, that of roles in docs/access.md, that of limits in docs/limits.md. Run after `npm run build`; a test fails while they differ.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { renderConfigTable } from '../dist/config.js';
import { renderLimitsTable } from '../dist/config/limits-table.js';
import { renderRolesTable } from '../dist/graphql/access/permissions.js';
import { renderMetricsTable } from '../dist/metrics/describe.js';
import { renderMovesNotes, renderMovesTable } from '../dist/model/moves.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const files = {
  'README.md': { moves: `${renderMovesTable()}\n\n${renderMovesNotes()}`, configuration: renderConfigTable() },
  'docs/access.md': { roles: renderRolesTable() },
  'docs/limits.md': { limits: renderLimitsTable() },
  'docs/observability.md': { metrics: renderMetricsTable() },
};

for (const [name, parts] of Object.entries(files)) {
  const file = path.join(root, name);
  let text = readFileSync(file, 'utf8');
  for (const [part, content] of Object.entries(parts)) {
    const block = new RegExp(`<!-- ${part} -->\\n[^]*?<!-- /${part} -->`);
    if (!block.test(text)) throw new Error(`${name} has no part named ${part}`);
    text = text.replace(block, () => `<!-- ${part} -->\n${content}\n<!-- /${part} -->`);
  }
  writeFileSync(file, text);
}
