/// <reference types="vite/types/importMeta.d.ts" />
import type { ChainSettings } from '../../contract/chain.js';
import type { ProcessorDefinition } from './processor.js';

/** Settings of any one stage. */
export type StageSettings = NonNullable<ChainSettings[keyof ChainSettings]>;

/** Every folder beside this file that has a `definition.ts`: the build and the test runner both resolve the pattern. */
const modules = import.meta.glob<{ readonly definition: ProcessorDefinition<StageSettings> }>(
  './*/definition.ts',
  { eager: true },
);

/** All processors there are, by folder name. */
export const processorDefinitions: readonly ProcessorDefinition<StageSettings>[] = Object.keys(modules)
  .sort()
  .map((path) => modules[path]!.definition);
