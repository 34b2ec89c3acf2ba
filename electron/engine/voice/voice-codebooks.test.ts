import { describe, expect, it } from 'vitest';
import { voiceCodesManifest } from '../models/voice-manifests.fake.js';
import { VoiceCodebooks } from './voice-codebooks.js';
import { fakeCentres, FakeVoiceHost } from './voice-host.fake.js';

const open = (): Promise<VoiceCodebooks> => VoiceCodebooks.read(new FakeVoiceHost(), voiceCodesManifest());
const centre = (centres: Float32Array, code: number): Float32Array =>
  centres.slice(64 * code, 64 * (code + 1));

describe('the codebooks', () => {
  it('find the nearest centre, and the nearest to what that leaves', async () => {
    const books = await open();
    for (const [first, residual] of [
      [0, 3],
      [2, 1],
      [3, 0],
    ] as const) {
      const rest = centre(fakeCentres.residual, residual);
      const z = centre(fakeCentres.first, first).map((value, d) => value + 0.9 * rest[d]!);
      expect(books.encode(z)).toEqual({ first, residual });
    }
  });

  it('let through a centre, the sum of two, or z itself', async () => {
    const books = await open();
    const z = new Float32Array(64).fill(0.25);
    const said = new Float32Array(64);
    books.said({ first: 1, residual: 2, z }, 'strict', said);
    expect(said).toEqual(centre(fakeCentres.first, 1));
    books.said({ first: 1, residual: 2, z }, 'balanced', said);
    const rest = centre(fakeCentres.residual, 2);
    expect(said).toEqual(centre(fakeCentres.first, 1).map((value, d) => value + rest[d]!));
    books.said({ first: 1, residual: 2, z }, 'clear', said);
    expect(said).toEqual(z);
  });

  it('refuse a code that they do not have, and clear speech of codes alone', async () => {
    const books = await open();
    const said = new Float32Array(64);
    for (const first of [-1, 4, 0.5, NaN]) {
      expect(() => books.said({ first, residual: 0 }, 'strict', said)).toThrow(/code from 0 to 3/);
    }
    expect(() => books.said({ first: 0, residual: 4 }, 'balanced', said)).toThrow(/code from 0 to 3/);
    expect(() => books.said({ first: 0, residual: 0 }, 'clear', said)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }) as Error,
    );
  });

  it('are not read from a file of another size', async () => {
    const { codebooks } = voiceCodesManifest();
    const wrong = voiceCodesManifest({ codebooks: { ...codebooks, codes: 8 } });
    await expect(VoiceCodebooks.read(new FakeVoiceHost(), wrong)).rejects.toMatchObject({
      code: 'MODEL_FAILED',
    });
  });
});
