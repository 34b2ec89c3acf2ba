import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import typescript from 'typescript-eslint';
import svelteConfig from './renderer/svelte.config.js';

const tests = ['**/*.test.ts', '**/*.fake.ts', 'e2e/**/*.ts'];

/** Rules of one door each: what only one file may touch (see CONTRIBUTING.md). */
const onlyInIpc = {
  name: 'electron',
  importNames: ['ipcMain'],
  message: 'Only electron/main/ipc.ts talks to ipcMain: it checks the sender and the schema.',
};
const onlyInPaths = {
  selector: "CallExpression[callee.object.name='app'][callee.property.name='getPath']",
  message: 'Only electron/main/paths.ts knows locations.',
};
const onlyInClient = {
  selector: "MemberExpression[object.name=/^(window|globalThis)$/][property.name='api']",
  message: 'Only renderer/src/api/client.ts reads window.api.',
};

export default typescript.config(
  {
    ignores: [
      ...['out/**', 'release/**', 'node_modules/**', 'native-models/**', 'assets/**', '.runtime/**'],
      // AssemblyScript is checked by its own compiler; what that makes is no source.
      ...['electron/engine/frame-kernel/assembly/**', '**/generated/**'],
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.svelte'],
    extends: [typescript.configs.strictTypeChecked, typescript.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte'],
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // A name from outside (an environment variable, a header) is not a property: brackets say so.
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      // An asynchronous interface may have an implementation that happens not to wait; it still has to reject, not throw.
      '@typescript-eslint/require-await': 'off',
      // Indexing typed arrays in a loop whose bounds are known is what a signal processor does all day.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/prefer-for-of': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['electron/**/*.ts', 'e2e/**/*.ts', '*.config.*', 'build/**/*.mjs'],
    languageOptions: { globals: globals.node },
  },
  {
    files: ['electron/main/**/*.ts'],
    ignores: ['electron/main/ipc.ts', ...tests],
    rules: { 'no-restricted-imports': ['error', { paths: [onlyInIpc] }] },
  },
  {
    files: ['electron/main/**/*.ts'],
    ignores: ['electron/main/paths.ts', ...tests],
    rules: { 'no-restricted-syntax': ['error', onlyInPaths] },
  },
  ...svelte.configs.recommended,
  {
    files: ['renderer/src/**/*.ts', 'renderer/src/**/*.svelte'],
    languageOptions: { globals: globals.browser },
  },
  {
    files: ['renderer/src/**/*.svelte', 'renderer/src/**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: typescript.parser, svelteConfig } },
    rules: {
      // State is held in $state.raw and replaced, never changed in place.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    // Rules that ask for types build the whole program anew for every component; svelte-check reads their types already.
    files: ['**/*.svelte'],
    extends: [typescript.configs.disableTypeChecked],
  },
  {
    files: ['renderer/src/**/*.ts', 'renderer/src/**/*.svelte'],
    ignores: ['renderer/src/api/client.ts', ...tests],
    rules: { 'no-restricted-syntax': ['error', onlyInClient] },
  },
  {
    files: tests,
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['build/**/*.{mjs,js}', '*.config.js', 'renderer/svelte.config.js'],
    languageOptions: { globals: globals.node },
  },
  prettier,
);
