import { execFileSync } from 'node:child_process';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { problemsOfPackage } from '../../scripts/package-content.mjs';

const root = path.resolve(import.meta.dirname, '../..');

/** Without scripts: the build is there, and a new one would take it away from the tests beside this one. */
function pack(): Parameters<typeof problemsOfPackage>[0] {
  const answer = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], shell: process.platform === 'win32', maxBuffer: 64 * 1024 * 1024 });
  const [packed] = JSON.parse(answer) as [Parameters<typeof problemsOfPackage>[0]];
  return packed;
}

describe('the package', () => {
  it('holds what belongs in it, and nothing else', () => {
    // A file whose source was deleted since the last whole build is for `prepack` to leave out, which builds anew.
    expect(problemsOfPackage(pack(), root).filter((problem) => !problem.includes('is left over'))).toEqual([]);
  }, 60_000);

  it('is not taken with what does not, nor without what does', () => {
    const packed = pack();
    const stray = ['.env', 'deploy/secrets/api-keys.json', 'dist/.tsbuildinfo', 'dist/app.js.map', 'src/app.ts', 'test/support/app.ts', 'dist/gone.js'];
    const problems = problemsOfPackage({ size: 10_000_000, files: [...packed.files.filter((file) => file.path !== 'LICENSE'), ...stray.map((file) => ({ path: file }))] }, root);
    for (const file of [...stray, 'LICENSE', '10000000']) expect(problems.join('\n')).toContain(file);
  }, 60_000);
});
