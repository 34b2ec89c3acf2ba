import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';

/** Everything that runs on Node ships with its source map, so that a stack trace names our files. */
const nodeSide = { sourcemap: true, minify: false, target: 'node20' } as const;

export default defineConfig({
  main: {
    build: {
      ...nodeSide,
      outDir: 'out/main',
      rolldownOptions: {
        input: {
          index: 'electron/main/index.ts',
          engine: 'electron/engine/index.ts',
          'model-thread': 'electron/engine/models/model-thread.ts',
          'lane-thread': 'electron/engine/analysis/lane-thread.ts',
          cli: 'electron/cli/index.ts',
        },
        // Chunks lie beside the entries, so that './model-thread.js' resolves from any of them.
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: 'chunk-[name]-[hash].js',
        },
      },
    },
  },
  preload: {
    build: {
      ...nodeSide,
      outDir: 'out/preload',
      // A sandboxed preload may require nothing but Electron: bundle the rest, as CommonJS.
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: 'electron/preload/index.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    plugins: [svelte({ configFile: 'svelte.config.js' })],
    build: {
      outDir: 'out/renderer',
      target: 'chrome130',
      // The content policy forbids data: URLs for scripts and fonts.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: 'renderer/index.html' },
    },
  },
});
