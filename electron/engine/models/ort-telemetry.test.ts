import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTinyModel } from './tiny-model.fake.js';

const run = promisify(execFile);
let root: string;
/** Built as the product is, and below the repository, so that it finds ONNX Runtime. */
const built = resolve('out/test/ort-telemetry');

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sotto-telemetry-'));
  writeTinyModel(join(root, 'models'));
  await build({
    ...{ configFile: false, logLevel: 'error' },
    build: { ssr: 'electron/engine/models/direct-model-host.ts', outDir: built, emptyOutDir: true },
  });
}, 60_000);
afterAll(() => rm(root, { recursive: true, force: true }));

/** What lies in a home that was empty after a process has opened a model there. */
async function leftInHome(name: string, script: string): Promise<string[]> {
  const home = join(root, name);
  // Nothing else: where CI, GITHUB_ACTIONS or their like stand, the runtime is silent by itself and the test would see nothing.
  const environment = { PATH: process.env['PATH'], HOME: home, XDG_CACHE_HOME: join(home, '.cache') };
  await run(process.execPath, ['--input-type=module', '--eval', script], { env: environment });
  return readdir(home).catch(() => []);
}

const model = (): string => JSON.stringify(join(root, 'models', 'tiny', 'model.onnx'));

describe.skipIf(process.platform !== 'linux')('telemetry of ONNX Runtime', () => {
  it('is there when nobody switches it off, so that the next test sees something', async () => {
    const script = `import * as ort from 'onnxruntime-node'; await ort.InferenceSession.create(${model()});`;
    expect(await leftInHome('talking', script)).not.toEqual([]);
  });

  it('leaves nothing behind when our host opens a model', async () => {
    const script = `
      const { DirectModelHost } = await import(${JSON.stringify(join(built, 'direct-model-host.js'))});
      const host = new DirectModelHost(${JSON.stringify(join(root, 'models'))});
      (await host.open('tiny', 'fp32')).release();`;
    expect(await leftInHome('silent', script)).toEqual([]);
  });

  it('refuses to open a model in a thread of a process that did not switch it off', async () => {
    const script = `
      const { Worker } = await import('node:worker_threads');
      const thread = new Worker(\`
        import(${JSON.stringify(join(built, 'direct-model-host.js'))})
          .then(({ DirectModelHost }) => new DirectModelHost(${JSON.stringify(join(root, 'models'))}).open('tiny', 'fp32'))
          .then(() => process.exit(3), (error) => process.exit(error.code === 'INTERNAL' ? 0 : 4));
      \`, { eval: true });
      thread.on('exit', (code) => process.exit(code));`;
    expect(await leftInHome('thread', script)).toEqual([]);
  });
});
