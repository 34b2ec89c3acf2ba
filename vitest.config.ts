import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    testTimeout: 20_000,
    // Half of the time goes into waiting for programs that tests start: every core gets a worker, not all but one.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          environment: 'node',
          include: ['electron/**/*.test.ts', 'build/**/*.test.mjs'],
        },
      },
      {
        extends: true,
        root: 'renderer',
        plugins: [svelte({ configFile: 'svelte.config.js' })],
        resolve: { conditions: ['browser'] },
        test: {
          name: 'renderer',
          environment: 'happy-dom',
          include: ['src/**/*.test.ts'],
        },
      },
    ],
  },
});
