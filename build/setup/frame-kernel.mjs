import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../paths.mjs';
import { runChild } from '../process/children.mjs';
import { step, tail } from '../say.mjs';
import { hashSources } from './checksum.mjs';

const room = 'electron/engine/frame-kernel';
const generated = join(room, 'generated', 'kernel-wasm.ts');
const optionWords = ['-O3', '--enable', 'simd', '--runtime', 'stub', '--noAssert', '--use', 'abort='];

/**
 * Compiles the frame kernel from AssemblyScript to WebAssembly and writes it as a TypeScript module, unless its sources are those
 * of the last time. A module, because the engine, its bundle and the window's audio thread all can import one, and the audio
 * thread has neither files nor `fetch` nor `atob`.
 */
export async function ensureFrameKernel() {
  const sources = [
    `${room}/assembly`,
    'build/setup/frame-kernel.mjs',
    'node_modules/assemblyscript/package.json',
  ];
  const stamp = `// ${hashSources(sources)}\n`;
  if (existsSync(inRoot(generated)) && readFileSync(inRoot(generated), 'utf8').startsWith(stamp)) return;
  await step('Compiling the frame kernel', async () => {
    const wasm = inRoot('out', `kernel-${process.pid}.wasm`);
    mkdirSync(inRoot('out'), { recursive: true });
    const tool = inRoot('node_modules', 'assemblyscript', 'bin', 'asc.js');
    const words = [tool, `${room}/assembly/kernel.ts`, ...optionWords, '-o', wasm];
    const { code, output } = await runChild(process.execPath, words);
    if (code !== 0) throw new Error(`The frame kernel did not compile (code ${code}):\n${tail(output)}`);
    const bytes = readFileSync(wasm);
    rmSync(wasm);
    mkdirSync(inRoot(room, 'generated'), { recursive: true });
    const part = inRoot(`${generated}.part`);
    writeFileSync(part, moduleOf(bytes, stamp));
    renameSync(part, inRoot(generated));
  });
}

function moduleOf(bytes, stamp) {
  return (
    `${stamp}/** The frame kernel as WebAssembly; made from ../assembly by build/setup/frame-kernel.mjs. */\n` +
    `export const kernelWasm: Uint8Array<ArrayBuffer> = Uint8Array.of(${bytes.join(',')});\n`
  );
}
