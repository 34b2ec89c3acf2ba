import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeTinyGatedModel } from '../analysis/tiny-gated-model.fake.js';
import { whiteNoise } from '../dsp/noise.fake.js';
import { DirectModelHost } from '../models/direct-model-host.js';
import { RawLanes } from './raw-lanes.js';
import { testFolder } from './run-job.fake.js';

const folder = testFolder();
const stream = { sampleRateHz: 16_000, channels: 1 };
/** The real thread, built the way the product builds it. */
const builtFolder = resolve('out/test/lane-thread');
const threadFile = join(builtFolder, 'lane-thread.js');
const plainly = (work: () => Promise<void>): Promise<void> => work();

beforeAll(() => {
  execFileSync(process.execPath, [
    ...['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'error', '--emptyOutDir'],
    ...['--ssr', 'electron/engine/analysis/lane-thread.ts', '--outDir', builtFolder],
  ]);
}, 60_000);

async function opened(thread: string | null): Promise<{ lanes: RawLanes; models: DirectModelHost }> {
  writeTinyGatedModel(folder());
  const models = new DirectModelHost(folder());
  return { lanes: await RawLanes.open(stream, models, thread), models };
}

describe.each([
  ['on the calling thread', null],
  ['in their own thread', threadFile],
])('lanes measured %s', (_, thread) => {
  it.each([
    ['while they pass', 16_000],
    ['at the very end', 100],
  ])('give up with one finding when the samples cannot be measured %s', async (_when, sampleFrames) => {
    const { lanes, models } = await opened(thread);
    expect(lanes.active).toBe(true);
    const pushes = [1, 2, 3].map(() => lanes.push([new Float32Array(sampleFrames).fill(3e38)], plainly));
    await Promise.all(pushes);
    expect(await lanes.finish()).toBeNull();
    expect(lanes.findings.map(({ code }) => code)).toEqual(['NO_LANES']);
    expect(lanes.active).toBe(false);
    await lanes.close();
    await lanes.close();
    await models.close();
  });

  it('make room one block at a time once four are waiting, and leave the block as it was', async () => {
    const { lanes, models } = await opened(thread);
    const block = [whiteNoise(32_768, 7)];
    const before = block[0]!.slice();
    let measured = 0;
    const counted = async (work: () => Promise<void>): Promise<void> => {
      await work();
      measured++;
    };
    for (let pushed = 1; pushed <= 12; pushed++) {
      await lanes.push(block, counted);
      expect(measured).toBeGreaterThanOrEqual(pushed - 3);
    }
    expect(block[0]).toEqual(before);
    const found = await lanes.finish();
    expect(found?.seconds).toBeCloseTo((12 * 32_768) / 16_000, 9);
    await lanes.close();
    await models.close();
  });

  it('end at once, without a finding, when they are closed while blocks wait', async () => {
    const { lanes, models } = await opened(thread);
    const pushes = [1, 2].map(() => lanes.push([whiteNoise(32_768, 3)], plainly));
    await lanes.close();
    await Promise.all(pushes);
    expect(lanes.findings).toEqual([]);
    await models.close();
  });
});

describe('the lane thread', () => {
  it('measures what the calling thread measures', async () => {
    const found = [];
    for (const thread of [null, threadFile]) {
      const { lanes, models } = await opened(thread);
      for (const [seed, frames] of [20_000, 20_000, 20_000, 700].entries()) {
        await lanes.push([whiteNoise(frames, seed + 1)], plainly);
      }
      found.push(await lanes.finish());
      await lanes.close();
      await models.close();
    }
    expect(found[1]).not.toBeNull();
    expect(found[1]).toEqual(found[0]);
  });

  it.each([
    ['cannot start', "throw new Error('no memory')", 'no memory'],
    [
      'ends while it measures',
      "const { parentPort } = require('node:worker_threads');\nlet n = 0;\n" +
        "parentPort.on('message', () => (n++ === 0 ? parentPort.postMessage({ ok: true, lanes: null, block: [] }) : process.exit(3)));",
      'code 3',
    ],
  ])('leaves the job without lanes and says why when it %s', async (_, code, reason) => {
    const broken = join(folder(), 'broken.cjs');
    writeFileSync(broken, code);
    const { lanes, models } = await opened(broken);
    await lanes.push([whiteNoise(16_000, 1)], plainly);
    expect(await lanes.finish()).toBeNull();
    expect(lanes.findings).toMatchObject([{ code: 'NO_LANES' }]);
    expect(lanes.findings[0]?.message).toContain(reason);
    await lanes.close();
    await models.close();
  });
});
