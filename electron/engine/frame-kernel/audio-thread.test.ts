import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { build, type Rolldown } from 'vite';
import { describe, expect, it } from 'vitest';
import type * as FrameEnhancerModule from './frame-enhancer.js';
import { tinyNet } from './tiny-net.fake.js';

/** The module as the window's build makes it, in one piece and without anything around it. */
async function bundle(): Promise<string> {
  const entry = join(import.meta.dirname, 'frame-enhancer.ts');
  const made = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, lib: { entry, formats: ['iife'], name: 'enhancer' } },
  });
  const [{ output }] = made as [Rolldown.RolldownOutput];
  expect(output).toHaveLength(1);
  return output[0].code;
}

describe('in an audio thread', () => {
  it('the frame enhancer needs nothing but the language and WebAssembly', { timeout: 60_000 }, async () => {
    // Like an AudioWorkletGlobalScope this has no fetch, atob, TextDecoder, URL, performance, process or require.
    const scope = createContext({ onnx: tinyNet() });
    expect(
      runInContext('[typeof fetch, typeof atob, typeof TextDecoder, typeof process].join()', scope),
    ).toBe('undefined,undefined,undefined,undefined');
    runInContext(await bundle(), scope);
    const share: unknown = runInContext(
      `const opened = enhancer.openFrameEnhancer({ onnx, sampleRateHz: 48000, channels: 1 });
       opened.processHop([new Float32Array(opened.hopSamples)], [new Float32Array(opened.hopSamples)])`,
      scope,
    );
    const here: typeof FrameEnhancerModule = await import('./frame-enhancer.js');
    const expected = here.openFrameEnhancer({ onnx: tinyNet(), sampleRateHz: 48_000, channels: 1 });
    const hop = new Float32Array(expected.hopSamples);
    expect(share).toBe(expected.processHop([hop], [hop]));
  });
});
