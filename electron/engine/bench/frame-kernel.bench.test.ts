import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { tinyNet } from '../frame-kernel/tiny-net.fake.js';
import { DirectModelHost } from '../models/direct-model-host.js';
import { fakeManifest } from '../models/model-host.fake.js';
import { tinyMaskModel } from '../models/tiny-model.fake.js';
import { benchFrameKernel } from './frame-kernel.bench.js';

const root = mkdtempSync(join(tmpdir(), 'sotto-frame-bench-'));
afterAll(() => rmSync(root, { recursive: true }));

const recording = join(import.meta.dirname, '../../../assets/demo/memo-in-the-rain.flac');

function writeLevels(levels: Readonly<Record<string, Uint8Array>>): void {
  const folder = join(root, 'tiny');
  mkdirSync(folder, { recursive: true });
  const entries = Object.entries(levels).map(([id, weights]) => {
    writeFileSync(join(folder, `${id}.onnx`), weights);
    const sha256 = createHash('sha256').update(weights).digest('hex');
    return { id, file: `${id}.onnx`, sha256, sizeBytes: weights.length };
  });
  writeFileSync(join(folder, 'model.json'), JSON.stringify({ ...fakeManifest, id: 'tiny', levels: entries }));
}

describe('the bench of the frame kernel', () => {
  it('measures every level that keeps its names, against the first without gates and ONNX Runtime', async () => {
    const sizes = { channels: 32, hidden: 128 };
    writeLevels({
      dense: tinyNet({ ...sizes, gateWidth: 0 }),
      closed: tinyNet({ ...sizes, gateBias: -100 }),
      nameless: tinyMaskModel(),
    });
    const models = new DirectModelHost(root);
    const measures = await benchFrameKernel({ models, recording, rounds: 2, frames: 100 });
    await models.close();
    expect(measures.map(({ level, hasGates }) => [level, hasGates])).toEqual([
      ['dense', false],
      ['closed', true],
    ]);
    for (const measure of measures) {
      const { recording, silence, onnxMicrosecondsPerFrame, timesOnnx, timesOnnxOneByOne } = measure;
      expect(timesOnnxOneByOne).toBeGreaterThan(0);
      for (const { microsecondsPerFrame, framesPerSecond } of [recording, silence]) {
        expect(microsecondsPerFrame).toBeGreaterThan(0);
        expect(framesPerSecond).toBeCloseTo(1e6 / microsecondsPerFrame, 6);
      }
      expect(timesOnnx).toBeCloseTo(onnxMicrosecondsPerFrame / recording.microsecondsPerFrame, 6);
    }
    const [dense, closed] = measures;
    expect(dense).toMatchObject({ timesDense: 1, recording: { share: 1 }, silence: { share: 1 } });
    // Its gates never open: what is left is the encoder, the decoder and the gates themselves.
    const macs = 2 * 257 * 32 + 2 * 4 * (32 + 128);
    expect(closed!.recording.share * closed!.denseMacs).toBeCloseTo(macs, 3);
  });
});
