import { builtinModules } from 'node:module';
import path from 'node:path';

import { build, type Rolldown } from 'vite';
import { expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');

it('the client is bundled for a browser from its own files, graphql-ws and the stub of ws, in less than 40 kB', async () => {
  const built = await build({
    configFile: false,
    root,
    logLevel: 'silent',
    build: {
      write: false,
      minify: true,
      lib: { entry: path.join(root, 'src/client/index.ts'), formats: ['es'], fileName: 'client' },
    },
  });
  const chunks = (built as Rolldown.RolldownOutput[]).flatMap(({ output }) => output).filter((output) => output.type === 'chunk');
  const modules = chunks.flatMap(({ modules }) => Object.keys(modules)).filter((id) => path.isAbsolute(id));
  const foreign = modules.map((id) => path.relative(root, id)).filter((id) => !/^(src\/client\/|node_modules\/graphql-ws\/dist\/|node_modules\/ws\/browser\.js)/.test(id));
  expect(foreign).toEqual([]);
  expect(modules.some((id) => id.endsWith('src/client/watch.ts'))).toBe(true);
  const outside = chunks.flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports]).filter((name) => !name.endsWith('.js'));
  expect(outside).toEqual([]);
  const text = chunks.map(({ code }) => code).join('\n');
  for (const name of builtinModules) expect(text).not.toMatch(new RegExp(`from\\s*["'](node:)?${name}["']`));
  expect(text.length).toBeLessThan(40_000);
});
