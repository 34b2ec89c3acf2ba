import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { testFolder } from '../job/run-job.fake.js';
import type { ModelManifest } from '../models/model-manifest.js';
import { voiceCodesManifest, voiceSynthesisManifest } from '../models/voice-manifests.fake.js';
import { FakeVoiceHost } from '../voice/voice-host.fake.js';
import { writeCodes } from './codes-file.js';
import { openCodes } from './open-codes.js';

const folder = testFolder();
const path = (): string => join(folder(), 'a.codes');
const [first, residual, other] = ['b', 'c', 'd'].map((digit) => digit.repeat(64)) as [string, string, string];

/** Writes codes of these codebooks. */
async function writeCodesOf(...codebooks: string[]): Promise<void> {
  const codes = new Uint16Array(50);
  const tracks = codebooks.map((codebookSha256) => ({ codebookSha256, codes }));
  await writeFile(path(), writeCodes({ sampleRateHz: 16_000, sampleFrames: 16_000, tracks }));
}

/** An encoder with these codebooks. */
function encoder(id: string, [firstSha256, residualSha256]: readonly [string, string]): ModelManifest {
  const manifest = voiceCodesManifest({ id });
  const { codebooks } = manifest;
  return {
    ...manifest,
    codebooks: {
      ...codebooks,
      first: { ...codebooks.first, sha256: firstSha256 },
      residual: { ...codebooks.residual, sha256: residualSha256 },
    },
  };
}

const speaker = voiceSynthesisManifest({ codebookSha256: first });
const open = (...manifests: ModelManifest[]) => openCodes(path(), new FakeVoiceHost({}, manifests));

describe('openCodes', () => {
  it('finds the encoder with the codebooks that the file names, wherever it stands among others', async () => {
    const earlier = encoder('earlier', [other, residual]);
    const fitting = encoder('fitting', [first, residual]);
    await writeCodesOf(first, residual);
    for (const encoders of [
      [earlier, fitting],
      [fitting, earlier],
    ]) {
      const { found, content, sizeBytes } = await open(...encoders, speaker);
      expect([found.codes.id, found.synthesis.id]).toEqual(['fitting', 'voice-synthesis']);
      expect([content.sampleFrames, content.tracks.length]).toEqual([16_000, 2]);
      expect(sizeBytes).toBeGreaterThan(100);
    }
  });

  it('refuses codes of another residual codebook, and lists the codebooks that are installed', async () => {
    await writeCodesOf(first, other);
    await expect(open(encoder('installed', [first, residual]), speaker)).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringMatching(
        /codebooks bbbbbbbb \+ dddddddd of the codes, found bbbbbbbb \+ cccccccc \(installed\)/,
      ) as string,
    });
  });

  it('does not mind which residual codebook is installed where the codes have none', async () => {
    await writeCodesOf(first);
    expect((await open(encoder('installed', [first, other]), speaker)).found.codes.id).toBe('installed');
  });

  it('says which models are missing: the encoder, or what speaks its codes', async () => {
    await writeCodesOf(first);
    await expect(open()).rejects.toThrow(/encoder with the codebook bbbbbbbb.*found none/);
    await expect(open(encoder('installed', [first, residual]))).rejects.toThrow(/synthesis.*found none/);
  });

  it('says that the file is missing, damaged or another one before it speaks of models', async () => {
    await expect(open()).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
    await writeFile(path(), 'RIFF');
    await expect(open()).rejects.toMatchObject({ code: 'INPUT_UNSUPPORTED' });
    await writeFile(path(), 'SOTTO');
    await expect(open()).rejects.toMatchObject({ code: 'INPUT_DAMAGED' });
  });

  it('finds a table of voiced codes that is none', async () => {
    await writeCodesOf(first);
    for (const table of [Uint8Array.of(1, 0), Uint8Array.of(0, 1, 2, 0)]) {
      const models = new FakeVoiceHost({}, [encoder('installed', [first, residual]), speaker]);
      vi.spyOn(models, 'fileOf').mockResolvedValue(table);
      await expect(openCodes(path(), models)).rejects.toMatchObject({ code: 'MODEL_FAILED' });
    }
  });
});
