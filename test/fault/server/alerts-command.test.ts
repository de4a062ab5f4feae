import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { commandLine } from '../../support/command-line.js';

const { tasktracker } = commandLine();

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'alerts-check-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const written = path.join(folder, name);
  writeFileSync(written, text);
  return written;
}

describe('tasktracker alerts check', () => {
  const good = 'webhooks: [{ name: ops, urlFrom: HOOK }]\nrules:\n  - { name: a, when: stuck }\n';

  test('says how much is in a file that can be used, with 0', async () => {
    const { code, out, err } = await tasktracker(['alerts', 'check', file('good.yaml', good)], { HOOK: 'http://127.0.0.1:9/' }).ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/good\.yaml: 1 rule, 1 webhook\n$/);
  });

  test('names what is wrong by line, with 2; a variable that is not set only where it is to be there', async () => {
    const written = file('variable.yaml', good);
    const { code, err } = await tasktracker(['alerts', 'check', written]).ended;
    expect(code).toBe(2);
    expect(err).toMatch(/variable\.yaml:1: webhooks\[0\]\.urlFrom names the environment variable HOOK, which is not set\n$/);
    expect((await tasktracker(['alerts', 'check', '--without-variables', written]).ended).code).toBe(0);
    const wrong = await tasktracker(['alerts', 'check', file('wrong.yaml', 'rules:\n  - name: a\n    when: never\n')]).ended;
    expect(wrong.code).toBe(2);
    expect(wrong.err).toMatch(/wrong\.yaml:3: rules\[0\]\.when must be one of/);
  });

  test('is what serve says of the same file, before it looks for a database', async () => {
    const { code, err } = await tasktracker(['serve'], { TASKTRACKER_ALERTS_FILE: path.join(folder, 'absent.yaml'), MONGODB_URI: 'mongodb://127.0.0.1:1/none' }).ended;
    expect(code).toBe(2);
    expect(err).toMatch(/absent\.yaml:1: cannot be read \(ENOENT\)/);
  });
});
