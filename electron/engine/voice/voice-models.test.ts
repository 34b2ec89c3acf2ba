import { describe, expect, it } from 'vitest';
import { voiceCodesManifest, voiceSynthesisManifest } from '../models/voice-manifests.fake.js';
import { readVoiceTable } from '../models/voice-table.js';
import { fakeVoices, FakeVoiceHost } from './voice-host.fake.js';
import { mixedVoice } from './voice-mixture.js';
import { findVoiceModels } from './voice-models.js';

const notFound = (message: RegExp): Error =>
  expect.objectContaining({
    code: 'MODEL_NOT_FOUND',
    message: expect.stringMatching(message) as string,
  }) as Error;

describe('the models of the voice stage', () => {
  it('are an encoder at a level and the synthesis of its codebook', () => {
    const { codes, synthesis, synthesisLevel } = findVoiceModels(new FakeVoiceHost(), 'edge');
    expect([codes.id, synthesis.id, synthesisLevel]).toEqual(['voice-codes', 'voice-synthesis', 'fp32']);
  });

  it('are missed by name: the encoder, its level, the synthesis, the codebook', () => {
    const host = (...manifests: Parameters<typeof Array.of>): FakeVoiceHost =>
      new FakeVoiceHost({}, manifests as never);
    expect(() => findVoiceModels(host(), 'edge')).toThrow(notFound(/encoder.*found none/));
    const codes = voiceCodesManifest();
    expect(() => findVoiceModels(host(codes), 'paper')).toThrow(
      notFound(/"paper", found edge \(voice-codes\)/),
    );
    expect(() => findVoiceModels(host(codes), 'edge')).toThrow(notFound(/synthesis.*found none/));
    const other = voiceSynthesisManifest({ codebookSha256: 'ab'.repeat(32) });
    expect(() => findVoiceModels(host(codes, other), 'edge')).toThrow(notFound(/codebook abababab/));
  });
});

describe('the table of voices', () => {
  it('is read as it was written, and refused when a vector is too short', async () => {
    const host = new FakeVoiceHost();
    expect(await readVoiceTable(host, voiceSynthesisManifest())).toEqual(fakeVoices);
    const [voice] = fakeVoices.voices;
    const broken = { ...fakeVoices, voices: [{ ...voice, vector: [1] }] };
    host.fileOf = () => Promise.resolve(Buffer.from(JSON.stringify(broken)));
    await expect(readVoiceTable(host, voiceSynthesisManifest())).rejects.toMatchObject({
      code: 'MODEL_FAILED',
      message: expect.stringContaining('vector') as string,
    });
    host.fileOf = () => Promise.resolve(Buffer.from('voices'));
    await expect(readVoiceTable(host, voiceSynthesisManifest())).rejects.toMatchObject({
      code: 'MODEL_FAILED',
    });
  });
});

describe('a mixture', () => {
  it('has the weighted mean of the vectors, and of the registers as octaves', () => {
    const { vector, registerHz } = mixedVoice(
      fakeVoices,
      new Map([
        ['af_heart', 3],
        ['bm_george', 1],
      ]),
    );
    expect([...vector]).toEqual([0.75, 0.25]);
    expect(registerHz).toBeCloseTo(100 * 2 ** 0.75, 6);
  });

  it('of nobody, of somebody unknown, or of nothing of somebody is refused', () => {
    for (const mixture of [new Map(), new Map([['nobody', 1]]), new Map([['af_heart', 0]])]) {
      expect(() => mixedVoice(fakeVoices, mixture)).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }) as Error,
      );
    }
  });
});
