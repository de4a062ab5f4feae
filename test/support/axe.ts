import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Axe {
  run(options: object): Promise<AxeResults>;
}

/**
 * What axe-core finds against WCAG 2.1 A and AA, and its best practices: but for the landmarks while a dialog is open,
 * because the page behind it is hidden from everybody then, which axe-core does not see.
 */
export async function violations(page: Page, { dialog = false } = {}): Promise<string[]> {
  // Through the debugger: the page's own policy would refuse a script from elsewhere.
  await page.evaluate(AXE);
  const rules = Object.fromEntries(['landmark-no-duplicate-banner', 'landmark-unique'].map((rule) => [rule, { enabled: !dialog }]));
  const { violations: found } = await page.evaluate((options) => (globalThis as unknown as { axe: Axe }).axe.run(options), { rules });
  return found.flatMap(({ id, help, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${help} (${target.join(' ')}) ${failureSummary}`));
}
