import { describe, expect, it } from 'vitest';
import { voiceCodesManifest, voiceSynthesisManifest } from '../models/voice-manifests.fake.js';
import { FakeVoiceHost, type FakeVoiceNets } from './voice-host.fake.js';
import { findVoiceModels } from './voice-models.js';
import { expectReference, VoiceReference, type ReadVoice } from './voice-reference.js';

/** Says the mean of what it hears, and how much of it is the first frame. */
const hearing: FakeVoiceNets['reference'] = ({ mel }) => {
  const { data } = mel!;
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  return Float32Array.of(mean, data.subarray(0, 200).filter((value) => value === data[0]!).length);
};

function open(
  fadeWindows = Infinity,
  models = new FakeVoiceHost({ reference: hearing }),
): Promise<VoiceReference> {
  const found = findVoiceModels(models, 'edge');
  const { signal } = new AbortController();
  return VoiceReference.open({ models, found, signal, fadeWindows });
}

interface Heard {
  readonly level: number;
  readonly spoken: boolean;
}
const times = (count: number, level: number, spoken = true): Heard[] =>
  new Array<Heard>(count).fill({ level, spoken });

/** @param readEvery  frames between two readings; rows run 37 frames ahead of what is known of them */
async function listen(
  reference: VoiceReference,
  frames: readonly Heard[],
  readEvery = 50,
): Promise<ReadVoice[]> {
  const voices: ReadVoice[] = [];
  const row = ({ level }: Heard): void => {
    reference.takeRow(new Float64Array(80).fill(level));
  };
  frames.slice(0, 37).forEach(row);
  for (const [t, { spoken }] of frames.entries()) {
    if (t + 37 < frames.length) row(frames[t + 37]!);
    // At rms 0.08 nothing is scaled.
    reference.takeFrame({ spoken, power: 0.0064, f0Hz: spoken ? 100 + (t % 2) * 300 : 0 });
    if (t % readEvery === 0) voices.push(...(await reference.read()));
  }
  voices.push(...(await reference.read()));
  reference.close();
  return voices;
}

const heard = (voices: readonly ReadVoice[]): number[] => voices.map(({ vector }) => vector[0]!);

describe('the voice reference', () => {
  it('joins speech over pauses to windows of 2 s, and gives the mean of all, with the frame that it is known from', async () => {
    const frames = [
      ...times(10, 5, false),
      ...times(150, -2),
      ...times(500, 7, false),
      ...times(50, -2),
      ...times(200, -4),
      ...times(30, 9),
    ];
    const voices = (await listen(await open(), frames)).slice(-2);
    expect(voices.map(({ frame }) => frame)).toEqual([709, 909]);
    const [first, second] = heard(voices);
    expect(first).toBeCloseTo(-2, 5);
    expect(second).toBeCloseTo(-3, 5);
  });

  it('repeats half a second until there is more, and knows nothing before', async () => {
    expect(await listen(await open(), times(49, -2))).toEqual([]);
    const voices = await listen(await open(), [...times(50, -2), ...times(150, -4)]);
    expect(voices.map(({ frame }) => frame)).toEqual([49, 99, 149, 199]);
    // Of one and a half seconds the first half comes twice; what stands in is no part of the mean.
    [-2, -3, -3, -3.5].forEach((mean, i) => expect(heard(voices)[i]).toBeCloseTo(mean, 5));
    expect(voices[0]!.vector[1]).toBe(200);
    expect(voices[3]!.vector[1]).toBe(50);
  });

  it('counts what is left at the end by its length, from half a second on', async () => {
    const atEnd = async (...frames: Heard[]): Promise<ReadVoice[]> => {
      const reference = await open();
      for (const { level, spoken } of frames) {
        reference.takeRow(new Float64Array(80).fill(level));
        reference.takeFrame({ spoken, power: 0.0064, f0Hz: 0 });
      }
      await reference.read();
      reference.finish();
      const voices = await reference.read();
      reference.close();
      return voices;
    };
    const pause = times(20, 5, false);
    const [rest, ...more] = await atEnd(...times(200, -2), ...times(50, -4), ...pause);
    expect(more).toEqual([]);
    expect(rest!.frame).toBe(269);
    expect(rest!.vector[0]).toBeCloseTo((-2 - 4 / 4) / (1 + 1 / 4), 5);
    expect(await atEnd(...times(200, -2), ...times(49, -4))).toEqual([]);
    // Of less than 2 s in all, all: what stood in ended at one second. The window repeats from its beginning.
    const [short] = await atEnd(...times(100, -2), ...times(49, -4));
    expect(short!.vector[0]).toBeCloseTo((-2 * 151 - 4 * 49) / 200, 5);
    expect(await atEnd(...times(49, -2))).toEqual([]);
  });

  it('lets earlier windows fade where it is told to', async () => {
    const frames = [...times(200, -2), ...times(200, -4)];
    const fade = Math.exp(-1 / 3);
    const [last] = heard(await listen(await open(3), frames)).slice(-1);
    expect(last).toBeCloseTo((-2 * fade - 4) / (fade + 1), 5);
  });

  it('does not care when it is asked', async () => {
    const frames = Array.from({ length: 1500 }, (_, t) => ({ level: -(t % 70) / 9, spoken: t % 90 < 60 }));
    const voices = await listen(await open(15), frames, 1);
    expect(voices.length).toBeGreaterThan(5);
    for (const every of [7, 400, 5000]) expect(await listen(await open(15), frames, every)).toEqual(voices);
  });

  it('knows how high the speaker speaks, from speech alone', async () => {
    const reference = await open();
    expect(reference.registerHz).toBeNull();
    await listen(reference, [...times(100, -2, false), ...times(100, -2)]);
    expect(reference.registerHz).toBeCloseTo(200, 6);
  });

  it('gives its net back, and names it', async () => {
    const models = new FakeVoiceHost();
    const reference = await open(1, models);
    const { reference: entry } = voiceSynthesisManifest();
    expect(reference.model).toEqual({
      id: 'voice-synthesis',
      level: 'reference',
      sha256: entry!.sha256,
    });
    expect(models.openSessions).toBe(1);
    reference.close();
    reference.close();
    expect(models.openSessions).toBe(0);
  });

  it('is not there in an older export, which is said with what to do', async () => {
    const { reference: _none, ...older } = voiceSynthesisManifest();
    expect(() => expectReference(older)).toThrow(/export without one.*random or neutral/);
    const models = new FakeVoiceHost({}, [voiceCodesManifest(), older]);
    await expect(open(1, models)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    expect(models.openSessions).toBe(0);
  });
});
