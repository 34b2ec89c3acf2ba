/**
 * Which room may use which package. A package that stands nowhere
 * here is an error: someone has to say first where it belongs.
 */
export const packagesOfRooms = {
  'electron/contract': ['zod'],
  'electron/preload': ['electron', 'zod'],
  'electron/main': ['electron', 'electron-log', 'write-file-atomic', 'zod'],
  'electron/engine/dsp': ['@echogarden/pffft-wasm'],
  'electron/engine': [
    '@echogarden/pffft-wasm',
    'music-metadata',
    'onnxruntime-node',
    'write-file-atomic',
    'zod',
  ],
  'electron/cli': ['cli-progress', 'commander', 'write-file-atomic', 'zod'],
  'renderer/src': ['@lucide/svelte', 'bits-ui', 'svelte', 'tinykeys', 'wavesurfer.js', 'zod'],
};

/** What a test may use besides the packages of its room. */
export const packagesOfTests = ['@testing-library/svelte', 'fast-check', 'onnx-proto', 'vite', 'vitest'];

/** A pattern for the resolved path of any of these packages, and of their types. */
export function packagePattern(names) {
  const all = names.flatMap((name) => [name, `@types/${name.replace('@', '').replace('/', '__')}`]);
  return `(^|/)node_modules/(${all.map((name) => name.replaceAll('.', '\\.')).join('|')})(/|$)`;
}
