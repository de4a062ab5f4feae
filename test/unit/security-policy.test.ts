import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { SETTINGS } from '../../src/config.js';

const root = path.resolve(import.meta.dirname, '../..');
const text = readFileSync(path.join(root, 'SECURITY.md'), 'utf8');
const headings = (file: string) => [...readFileSync(path.join(root, file), 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title.toLowerCase().replaceAll(' ', '-'));

describe('the security policy', () => {
  it('leads to documents, their sections, and settings that are there', () => {
    for (const [, file = '', section] of text.matchAll(/\]\(([^)#:]+)(?:#([^)]+))?\)/g)) {
      expect(existsSync(path.join(root, file)), file).toBe(true);
      if (section !== undefined) expect(headings(file), file).toContain(section);
    }
    const settings = Object.values(SETTINGS).map(({ env }) => env as string);
    for (const [name] of text.matchAll(/\bTASKTRACKER_[A-Z_]+\b/g)) expect(settings).toContain(name);
  });

  it('points to tests that are there', () => {
    const tests = [...text.matchAll(/`(test\/[\w/.-]+)`|`([a-z-]+\.test\.ts)`/g)];
    expect(tests.length).toBeGreaterThan(8);
    const protocol = readdirSync(path.join(root, 'test/protocol'));
    for (const [, whole, name] of tests) {
      if (whole !== undefined) expect(existsSync(path.join(root, whole)), whole).toBe(true);
      else expect(protocol).toContain(name);
    }
  });
});
