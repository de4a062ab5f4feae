/**
 * Writes the generated parts of README.md: the table of moves and the table of settings. Run after `npm run build`;
 * a test fails while README.md differs.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { renderConfigTable } from '../dist/config.js';
import { renderMovesNotes, renderMovesTable } from '../dist/model/moves.js';

const file = path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), 'README.md');
const parts = { moves: `${renderMovesTable()}\n\n${renderMovesNotes()}`, configuration: renderConfigTable() };

let text = readFileSync(file, 'utf8');
for (const [name, content] of Object.entries(parts)) {
  const block = new RegExp(`<!-- ${name} -->\\n[^]*?<!-- /${name} -->`);
  if (!block.test(text)) throw new Error(`README.md has no part named ${name}`);
  text = text.replace(block, () => `<!-- ${name} -->\n${content}\n<!-- /${name} -->`);
}
writeFileSync(file, text);
