import { describe, expect, it } from 'vitest';
import { fakeManifest } from './model-host.fake.js';
import { expectRunner, modelManifestSchema } from './model-manifest.js';
import {
  speakerEmbedderManifest,
  voiceCodesManifest,
  voiceSynthesisManifest,
} from './voice-manifests.fake.js';

describe('a manifest', () => {
  it.each([
    ['spectral-mask', fakeManifest],
    ['voice-codes', voiceCodesManifest()],
    ['voice-synthesis', voiceSynthesisManifest()],
    ['speaker-embedder', speakerEmbedderManifest()],
  ])('of the runner %s is read as it was written', (runner, manifest) => {
    expect(modelManifestSchema.parse(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest);
    expect(manifest.runner).toBe(runner);
  });

  it('is refused without what its runner needs, or with a runner that this version does not know', () => {
    const { codebooks, ...without } = voiceCodesManifest();
    expect(modelManifestSchema.safeParse(without).success).toBe(false);
    const wrong = { ...codebooks, residual: { ...codebooks.residual, shape: [3, 64] } };
    expect(modelManifestSchema.safeParse({ ...without, codebooks: wrong }).success).toBe(false);
    const odd = { ...voiceCodesManifest(), contextFrames: 7 };
    expect(modelManifestSchema.safeParse(odd).success).toBe(false);
    const embedder = speakerEmbedderManifest();
    const { calibration, windows } = embedder;
    for (const other of [
      { calibration: { ...calibration, same: { low: 0.9, high: 0.5 } } },
      { calibration: { ...calibration, equalErrorCosine: 1.5 } },
      { windows: { ...windows, frames: 200 } },
    ])
      expect(modelManifestSchema.safeParse({ ...embedder, ...other }).success).toBe(false);
    expect(modelManifestSchema.safeParse({ ...fakeManifest, runner: 'other' }).success).toBe(false);
  });

  it('is not taken for that of another runner', () => {
    expect(expectRunner(fakeManifest, 'spectral-mask')).toBe(fakeManifest);
    expect(() => expectRunner(voiceCodesManifest(), 'spectral-mask')).toThrow(
      expect.objectContaining({ code: 'MODEL_FAILED' }) as Error,
    );
  });
});
