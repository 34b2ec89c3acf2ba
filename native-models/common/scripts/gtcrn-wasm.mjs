/**
 * Runs GTCRN out of the npm package `@sapphi-red/web-noise-suppressor` (0.4.1, MIT) on raw files, for the evaluation only.
 *
 * The package's AudioWorklet wraps plain WebAssembly with two imports; this script calls it without a worklet. The
 * export names are the minified ones of version 0.4.1.
 *
 * Usage: node gtcrn-wasm.mjs PACKAGE_FOLDER INPUT.f32 OUTPUT.f32 [INPUT OUTPUT ...]
 * Files: mono, 16 kHz, raw little-endian float32 in +-1. The output is late by the network's own delay and as long as
 * the input. Prints one line of JSON with the processor seconds per file.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const frameSamples = 256;

/**
 * @param {string} packageFolder  unpacked npm package
 * @returns {Promise<(signal: Float32Array) => Float32Array>} a fresh state for every signal
 */
async function openGtcrn(packageFolder) {
  const bytes = readFileSync(join(packageFolder, 'dist', 'gtcrn.wasm'));
  let memory;
  const fail = () => {
    throw new Error('GTCRN failed an assertion.');
  };
  const grow = (wantedBytes) => {
    memory.grow(Math.ceil(((wantedBytes >>> 0) - memory.buffer.byteLength) / 65536));
    return 1;
  };
  const { instance } = await WebAssembly.instantiate(bytes, { a: { a: fail, b: grow } });
  const { c, d: initialise, e: create, f: free, g: destroy, i: process16k, k: allocate } = instance.exports;
  memory = c;
  initialise();
  return (signal) => {
    const state = create();
    const input = allocate(frameSamples * 4);
    const output = allocate(frameSamples * 4);
    const result = new Float32Array(signal.length);
    const frame = new Float32Array(frameSamples);
    for (let start = 0; start < signal.length; start += frameSamples) {
      frame.fill(0);
      frame.set(signal.subarray(start, start + frameSamples));
      new Float32Array(memory.buffer, input, frameSamples).set(frame);
      process16k(state, input, output);
      const made = new Float32Array(memory.buffer, output, frameSamples);
      result.set(made.subarray(0, Math.min(frameSamples, signal.length - start)), start);
    }
    free(input);
    free(output);
    destroy(state);
    return result;
  };
}

const [packageFolder, ...files] = process.argv.slice(2);
if (packageFolder === undefined || files.length === 0 || files.length % 2 !== 0) {
  console.error('Usage: node gtcrn-wasm.mjs PACKAGE_FOLDER INPUT.f32 OUTPUT.f32 [INPUT OUTPUT ...]');
  process.exit(2);
}
const run = await openGtcrn(packageFolder);
const seconds = [];
for (let index = 0; index < files.length; index += 2) {
  const content = readFileSync(files[index]);
  const signal = new Float32Array(content.buffer.slice(content.byteOffset, content.byteOffset + content.byteLength));
  const before = process.cpuUsage();
  const enhanced = run(signal);
  const used = process.cpuUsage(before);
  seconds.push((used.user + used.system) / 1e6);
  writeFileSync(files[index + 1], Buffer.from(enhanced.buffer));
}
console.log(JSON.stringify({ seconds }));
