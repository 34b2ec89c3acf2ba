import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DirectModelHost } from './direct-model-host.js';
import type { Tensor } from './model-host.js';
import { ThreadedModelHost } from './threaded-model-host.js';
import { writeTinyModel } from './tiny-model.fake.js';
import { writeTinyVoiceModels } from '../voice/tiny-voice-models.fake.js';
import { whiteNoise } from '../dsp/noise.fake.js';

let root: string;
/** The real thread, built the way the product builds it; below the repository, so that it finds ONNX Runtime. */
const builtFolder = resolve('out/test/model-thread');
const threadFile = join(builtFolder, 'model-thread.js');

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'sotto-host-'));
  writeTinyModel(root);
  execFileSync(process.execPath, [
    ...['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'error', '--emptyOutDir'],
    ...['--ssr', 'electron/engine/models/model-thread.ts', '--outDir', builtFolder],
  ]);
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** (1, 257, frames); a new buffer every time, because a run takes it away */
function magnitude(frames: number, seed: number): Record<string, Tensor> {
  const data = whiteNoise(257 * frames, seed).map(Math.abs);
  return { magnitude: { shape: [1, 257, frames], data } };
}

describe('the threaded host', () => {
  it('computes what the direct host computes', async () => {
    const threaded = new ThreadedModelHost({ root, threadFile });
    const direct = new DirectModelHost(root);
    const expected = await (await direct.open('tiny', 'fp32')).run(magnitude(50, 1));
    const session = await threaded.open('tiny', 'fp32');
    expect((await session.run(magnitude(50, 1)))['mask']!.data).toEqual(expected['mask']!.data);
    expect(session.sha256).toBe(threaded.list()[0]!.levels[0]!.sha256);
    session.release();
    await Promise.all([threaded.close(), direct.close()]);
  });

  it('computes a graph that lies beside the levels as the direct host does, and checks it as it checks them', async () => {
    writeTinyVoiceModels(root);
    const threaded = new ThreadedModelHost({ root, threadFile });
    const direct = new DirectModelHost(root);
    const { id, reference } = direct.list().find((manifest) => manifest.runner === 'voice-synthesis')!;
    const mel = (): Record<string, Tensor> => ({
      mel: { shape: [1, 80, 200], data: whiteNoise(80 * 200, 5) },
    });
    const expected = await (await direct.openBeside(id, reference!)).run(mel());
    expect(expected['voice']!.data.some((value) => value !== 0)).toBe(true);
    const session = await threaded.openBeside(id, reference!);
    expect((await session.run(mel()))['voice']!.data).toEqual(expected['voice']!.data);
    expect(session).toMatchObject({ level: 'reference', sha256: reference!.sha256 });
    session.release();
    for (const host of [threaded, direct]) {
      const other = host.openBeside(id, { ...reference!, sha256: '0'.repeat(64) });
      await expect(other).rejects.toMatchObject({ code: 'MODEL_CHECKSUM_MISMATCH' });
      const outside = host.openBeside(id, { ...reference!, file: '../tiny/model.onnx' });
      await expect(outside).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
      await host.close();
    }
  });

  it('answers runs in order, also of several sessions on one thread, and takes the inputs away', async () => {
    const host = new ThreadedModelHost({ root, threadFile });
    const sessions = [await host.open('tiny', 'fp32'), await host.open('tiny', 'fp32')];
    const answered: number[] = [];
    const inputs = [80, 10, 40, 1].map((frames) => magnitude(frames, frames));
    await Promise.all(
      inputs.map(async (input, i) => {
        const { mask } = await sessions[i % 2]!.run(input);
        answered.push(mask!.shape[2]!);
      }),
    );
    expect(answered).toEqual([80, 10, 40, 1]);
    expect(inputs.every((input) => input['magnitude']!.data.length === 0)).toBe(true);
    await host.close();
  });

  it('leaves the calling thread free while a model computes', async () => {
    const host = new ThreadedModelHost({ root, threadFile });
    const session = await host.open('tiny', 'fp32');
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await session.run(magnitude(20_000, 1));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
    await host.close();
  });

  it('spreads sessions over its threads', async () => {
    const host = new ThreadedModelHost({ root, threadFile, threads: 2 });
    const sessions = await Promise.all([host.open('tiny', 'fp32'), host.open('tiny', 'fp32')]);
    const order: number[] = [];
    const slow = sessions[0].run(magnitude(20_000, 1)).then(() => order.push(0));
    const quick = sessions[1].run(magnitude(1, 1)).then(() => order.push(1));
    await Promise.all([slow, quick]);
    // On one thread the quick run would have had to wait for the slow one.
    expect(order).toEqual([1, 0]);
    await host.close();
  });

  it('brings errors across as data: wrong checksum, unknown level, bad shape', async () => {
    const { levels } = writeTinyModel(root, { id: 'tampered' });
    const file = join(root, 'tampered', 'model.onnx');
    writeFileSync(file, 'other bytes');
    const host = new ThreadedModelHost({ root, threadFile });
    await expect(host.open('tampered', 'fp32')).rejects.toMatchObject({
      code: 'MODEL_CHECKSUM_MISMATCH',
      details: {
        expected: levels[0]!.sha256,
        found: createHash('sha256').update('other bytes').digest('hex'),
      },
    });
    await expect(host.open('tiny', 'int4')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    const session = await host.open('tiny', 'fp32');
    const wrong = { magnitude: { shape: [1, 3, 4], data: new Float32Array(12) } };
    await expect(session.run(wrong)).rejects.toMatchObject({ code: 'MODEL_FAILED' });
    // The thread survived the bad request.
    expect((await session.run(magnitude(3, 1)))['mask']!.shape).toEqual([1, 257, 3]);
    await host.close();
  });

  it('fails what a dying thread was computing and starts another thread for the next request', async () => {
    const mortal = join(root, 'mortal.mjs');
    writeFileSync(
      mortal,
      `import { parentPort } from 'node:worker_threads';
       parentPort.on('message', ({ id, inputs }) => {
         if (inputs?.die) process.exit(7);
         parentPort.postMessage({ id, ok: true, outputs: inputs ?? {} });
       });`,
    );
    const host = new ThreadedModelHost({ root, threadFile: mortal });
    const session = await host.open('tiny', 'fp32');
    const tensor = (): Tensor => ({ shape: [1], data: Float32Array.of(5) });
    await expect(session.run({ die: tensor() })).rejects.toMatchObject({
      code: 'MODEL_FAILED',
      message: expect.stringContaining('code 7') as string,
    });
    expect((await session.run({ live: tensor() }))['live']!.data).toEqual(Float32Array.of(5));
    await host.close();
  });

  it('answers with MODEL_FAILED when the thread cannot start and after it was closed', async () => {
    const host = new ThreadedModelHost({ root, threadFile: join(root, 'missing.js') });
    await expect(host.open('tiny', 'fp32')).rejects.toMatchObject({ code: 'MODEL_FAILED' });
    await host.close();
    await host.close();
    await expect(host.open('tiny', 'fp32')).rejects.toMatchObject({ code: 'MODEL_FAILED' });
  });
});
