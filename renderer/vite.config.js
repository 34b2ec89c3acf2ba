import { svelte } from '@sveltejs/vite-plugin-svelte';

// For the preview page alone: `npx vite renderer --open /preview.html`. The app itself is built by electron.vite.config.ts.
export default {
  plugins: [svelte({ configFile: 'svelte.config.js' })],
  server: {
    // Shared memory, which the player needs, is only given to pages that are isolated.
    headers: {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    },
  },
};
