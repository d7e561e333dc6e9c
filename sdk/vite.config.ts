import { defineConfig } from 'vitest/config';
import manifest from './package.json' with { type: 'json' };

// Two builds into one folder: the ES module (default), and with `--mode global` the minified bundle for a script tag.
export default defineConfig(({ mode }) => {
  const global = mode === 'global';
  return {
    define: { __SDK_VERSION__: JSON.stringify(manifest.version) },
    build: {
      target: 'es2022',
      sourcemap: true,
      emptyOutDir: !global,
      minify: global ? 'esbuild' : false,
      lib: {
        entry: global ? 'src/global.ts' : 'src/index.ts',
        name: 'Crosspoint',
        formats: [global ? 'iife' : 'es'],
        fileName: () => (global ? 'crosspoint.global.js' : 'crosspoint.js'),
      },
    },
    test: { include: ['test/**/*.test.ts'], environment: 'node', testTimeout: 20_000 },
  };
});
