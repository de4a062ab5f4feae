import { defineConfig } from 'vitest/config';

/** One copy of graphql: its CommonJS and ESM builds would not recognise one another's types. */
const alias = [{ find: /^graphql$/, replacement: 'graphql/index.js' }];

/** Every project reads the decorators' metadata; vite (oxc) emits it as tsconfig.json asks. */
const setupFiles = ['./test/support/setup.ts'];

/** Where CI wants the counts of the run as JSON, besides what people read. */
const report = process.env['TASKTRACKER_TEST_REPORT'];

const project = (name: string, extra: { testTimeout: number; fileParallelism: boolean }) => ({
  resolve: { alias },
  // What a test waits for may take as long as a slow machine needs, and still fails by its own name.
  test: { name, include: [`test/${name}/**/*.test.ts`], setupFiles, hookTimeout: 60_000, expect: { poll: { timeout: extra.testTimeout / 2 } }, ...extra },
});

export default defineConfig({
  resolve: { alias },
  test: {
    // Of the whole run, not of a project: one embedded database serves all of them.
    globalSetup: ['./test/support/global-setup.ts'],
    maxWorkers: 2,
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
    projects: [
      project('unit', { testTimeout: 10_000, fileParallelism: true }),
      project('integration', { testTimeout: 30_000, fileParallelism: true }),
      project('protocol', { testTimeout: 30_000, fileParallelism: true }),
      project('security', { testTimeout: 90_000, fileParallelism: true }),
      project('fault', { testTimeout: 90_000, fileParallelism: false }),
      project('browser', { testTimeout: 90_000, fileParallelism: false }),
    ],
  },
});
