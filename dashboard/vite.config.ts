import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Every URL in the result is relative: the dashboard works under whatever path it is served. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react()],
  // One copy of graphql, should anything ask for it: see vitest.config.ts.
  build: {
    outDir: '../dist/dashboard',
    emptyOutDir: true,
    target: 'es2022',
    manifest: 'manifest.json',
    // A file inlined as a data: URL could not be told apart in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // A machine that is busy with other things is no news.
    rolldownOptions: { checks: { pluginTimings: false, bundlerTimings: false } },
  },
});
