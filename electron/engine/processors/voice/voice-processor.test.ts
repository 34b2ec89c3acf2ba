import { describe, expect, it, vi } from 'vitest';
import type { VoiceSettings } from '../../../contract/chain.js';
import { whiteNoise } from '../../dsp/noise.fake.js';
import { PitchTracker } from '../../dsp/pitch-tracker.js';
import { concatenated, frameCount, type Planar } from '../../dsp/planar.js';
import { voiceCodesManifest, voiceSynthesisManifest } from '../../models/voice-manifests.fake.js';
import { fakeSynthesis, FakeVoiceHost, type FakeVoiceNets } from '../../voice/voice-host.fake.js';
import type { Processor } from '../processor.js';
import { definition } from './definition.js';
import { fakeSpeech, rms } from './speech.fake.js';
import { openVoice } from './voice-processor.js';

/** Half a minute of speech is tracked, on machines that may be busy. */
vi.setConfig({ testTimeout: 60_000 });

const settings: VoiceSettings = {
  mode: 'neutral',
  pitch: 'natural',
  clarity: 'strict',
  strength: 1,
  level: 'edge',
};
const signal = new AbortController().signal;
const rate = 16_000;

function open(
  channels: number,
  overrides: Partial<VoiceSettings> = {},
  sampleRateHz = rate,
): Promise<Processor> {
  const context = { models: new FakeVoiceHost(), signal };
  return openVoice({ sampleRateHz, channels }, { ...settings, ...overrides }, context);
}

/** @returns the result, and what the report would say */
async function speak(
  processor: Processor,
  input: Planar,
  blockFrames = 8192,
): Promise<{ sound: Planar; codes: string[] }> {
  const parts: Planar[] = [];
  for (let at = 0; at < frameCount(input); at += blockFrames) {
    parts.push(await processor.process(input.map((samples) => samples.subarray(at, at + blockFrames))));
  }
  parts.push(await processor.flush());
  processor.close();
  const codes = [...(processor.findings ?? []), ...(processor.countedFindings ?? [])].map(({ code }) => code);
  return { sound: concatenated(parts, input.length), codes };
}

/** As {@link speak}, mono and in the speaker's own voice. */
async function speakKept(
  overrides: Partial<VoiceSettings>,
  models: FakeVoiceHost,
  input: Float32Array,
  blockFrames: number,
): Promise<{ sound: Float32Array; codes: string[] }> {
  const format = { sampleRateHz: rate, channels: 1 };
  const kept: VoiceSettings = { ...settings, ...overrides, mode: 'keep' };
  const { sound, codes } = await speak(
    await openVoice(format, kept, { models, signal }),
    [input],
    blockFrames,
  );
  return { sound: sound[0]!, codes };
}

async function meanOctaves(samples: Float32Array): Promise<number> {
  const tracker = await PitchTracker.open(rate, 1);
  const found: number[] = [];
  const sink = (f0Hz: number): void => {
    if (f0Hz > 0) found.push(Math.log2(f0Hz));
  };
  tracker.push([samples], sink);
  tracker.finish(sink);
  tracker.close();
  return found.reduce((sum, value) => sum + value, 0) / found.length;
}

/** One second of speech, one of silence, and so on. */
const turns = (at: number): boolean => Math.floor(at) % 2 === 0;
const second = (samples: Float32Array, from: number, to: number): Float32Array =>
  samples.subarray(from * rate, to * rate);

describe('the voice stage', () => {
  it('speaks when the recording does, as loud, and is exactly silent in its pauses', async () => {
    const input = fakeSpeech(6, rate, () => 120, turns);
    const { sound } = await speak(await open(1), [input]);
    const spoken = second(input, 2.1, 2.9);
    // The fake synthesis is not at exactly rms 1.
    for (const from of [0.1, 2.1, 4.1]) {
      const level = rms(second(sound[0]!, from, from + 0.8)) / rms(spoken);
      expect(level).toBeGreaterThan(0.3);
      expect(level).toBeLessThan(3);
    }
    for (const from of [1.15, 3.15, 5.15]) {
      expect(second(sound[0]!, from, from + 0.8).every((value) => value === 0)).toBe(true);
    }
    const peak = Math.max(...input.map(Math.abs));
    expect(Math.max(...sound[0]!.map(Math.abs))).toBeLessThanOrEqual(peak * 1.0001);
  });

  it('is as loud in a loud recording as in a soft one, relative to it', async () => {
    const input = fakeSpeech(3, rate, () => 120);
    const { sound: usual } = await speak(await open(1), [input]);
    const { sound: soft } = await speak(await open(1), [input.map((value) => value / 64)]);
    const ratio = rms(usual[0]!) / rms(soft[0]!);
    expect(ratio).toBeGreaterThan(63);
    expect(ratio).toBeLessThan(65);
  });

  it('speaks in the register of the voice, and at strength one half halfway to it', async () => {
    const input = fakeSpeech(12, rate, (at) => 90 * 2 ** (0.15 * Math.sin(5 * at)));
    const register = Math.log2(Math.sqrt(200 * 100));
    const own = await meanOctaves(second(input, 8, 12));
    const heard = async (overrides: Partial<VoiceSettings>): Promise<number> => {
      const { sound } = await speak(await open(1, overrides), [input]);
      return meanOctaves(second(sound[0]!, 8, 12));
    };
    expect(Math.abs((await heard({})) - register)).toBeLessThan(0.1);
    expect(Math.abs((await heard({ pitch: 'flat' })) - register)).toBeLessThan(0.02);
    expect(Math.abs((await heard({ pitch: 'flat', strength: 0.5 })) - (register + own) / 2)).toBeLessThan(
      0.05,
    );
  });

  it('gives all channels the same voice at their own levels; a silent one stays silent', async () => {
    const input = fakeSpeech(3, rate, () => 120);
    const given = [input, new Float32Array(input.length), input.map((value) => value / 4)];
    const { sound, codes } = await speak(await open(3), given);
    expect(sound[1]!.every((value) => value === 0)).toBe(true);
    expect(rms(sound[0]!)).toBeGreaterThan(0.01);
    sound[0]!.forEach((value, n) => {
      if (Math.abs(value / 4 - sound[2]![n]!) > 1e-6) throw new Error(`Expected a quarter at sample ${n}.`);
    });
    expect(codes).toContain('VOICE_MONO');
  });

  it('turns noise down instead of saying something, and says so', async () => {
    const input = whiteNoise(4 * rate, 6, 0.2);
    input.set(fakeSpeech(2, rate, () => 120));
    const { sound, codes } = await speak(await open(1), [input]);
    expect(rms(second(sound[0]!, 2.6, 3.9))).toBeLessThan(0.2 * rms(second(sound[0]!, 0.2, 1.8)));
    expect(codes).toContain('VOICE_UNSPOKEN');
    const clean = await speak(await open(1), [fakeSpeech(8, rate, () => 120)]);
    expect(clean.codes).toEqual(['VOICE_ONE']);
  });

  it('says what is not kept, and where it hardly heard anybody, and nothing of the voice it drew', async () => {
    const { codes } = await speak(await open(1, {}, 48_000), [new Float32Array(1000)]);
    expect(codes).toEqual(['VOICE_ONE', 'VOICE_BAND', 'VOICE_LITTLE_SPEECH']);
    const words = async (): Promise<string> => {
      const processor = await open(2, { mode: 'random' }, 48_000);
      processor.close();
      return JSON.stringify([processor.findings, processor.countedFindings, processor.models]);
    };
    expect(await words()).toBe(await words());
  });

  it('draws another voice for every export, and always the same neutral one', async () => {
    const input = fakeSpeech(1.5, rate, () => 120);
    const once = async (mode: VoiceSettings['mode']): Promise<string> => {
      const { sound } = await speak(await open(1, { mode, pitch: 'template' }), [input]);
      return JSON.stringify([...sound[0]!]);
    };
    expect(await once('neutral')).toBe(await once('neutral'));
    expect(await once('random')).not.toBe(await once('random'));
  });

  it('speaks with what it reads of the speaker where the voice is kept, as high as they do', async () => {
    const spoken: number[][] = [];
    const synthesis: FakeVoiceNets['synthesis'] = (inputs) => {
      spoken.push([...inputs['voice']!.data]);
      return fakeSynthesis(inputs);
    };
    const kept = (pitch: VoiceSettings['pitch'], input: Float32Array, nets: Partial<FakeVoiceNets> = {}) =>
      speakKept({ pitch }, new FakeVoiceHost({ synthesis, ...nets }), input, 8192);
    const input = fakeSpeech(12, rate, (at) => 90 * 2 ** (0.15 * Math.sin(5 * at)), turns);
    await kept('natural', input, { reference: () => Float32Array.of(7, -7) });
    expect(spoken.length).toBeGreaterThan(3);
    for (const voice of spoken.splice(0)) expect(voice).toEqual([7, -7]);

    const natural = await kept('natural', input);
    expect(natural.codes).toEqual(['VOICE_KEPT_NOT_PROTECTION']);
    const told = spoken.splice(0);
    await kept(
      'natural',
      input.map((value) => value / 32),
    );
    // A soft recording tells the same voice.
    told.forEach((voice, i) => voice.forEach((value, d) => expect(value).toBeCloseTo(spoken[i]![d]!, 2)));

    const own = await meanOctaves(second(input, 8, 9));
    expect(Math.abs((await meanOctaves(second(natural.sound, 8, 9))) - own)).toBeLessThan(0.02);
    const flat = await kept('flat', input);
    expect(Math.abs((await meanOctaves(second(flat.sound, 8, 9))) - Math.log2(90))).toBeLessThan(0.05);
  });

  it('keeps whoever speaks now, the same however the stream is cut', async () => {
    const input = fakeSpeech(
      40,
      rate,
      (at) => (at < 12 ? 90 : 220),
      (at) => at % 3 < 2.2,
    );
    // The second speaker is brighter.
    for (let n = input.length - 1; n > 12 * rate; n--) input[n]! -= 0.9 * input[n - 1]!;
    const voices: number[][] = [];
    const models = (): FakeVoiceHost =>
      new FakeVoiceHost({
        synthesis: (inputs) => {
          voices.push([...inputs['voice']!.data]);
          return fakeSynthesis(inputs);
        },
      });
    const whole = await speakKept({}, models(), input, input.length);
    const told = voices.splice(0);
    expect(told.at(-1)![0]! - told[0]![0]!).toBeGreaterThan(0.5);
    for (const blockFrames of [1601, 50_000]) {
      const cut = await speakKept({}, models(), input, blockFrames);
      expect(voices.splice(0)).toEqual(told);
      expect(cut.sound.every((value, n) => value === whole.sound[n])).toBe(true);
    }
  });

  it('says how much the neutral voice said where the first word stands alone', async () => {
    const counted = async (restSeconds: number): Promise<string | undefined> => {
      const talks = (at: number): boolean => (at >= 1 && at < 1.3) || at >= restSeconds;
      const input = fakeSpeech(restSeconds + 1, rate, () => 120, talks);
      const processor = await open(1, { mode: 'keep' });
      await speak(processor, [input]);
      return processor.countedFindings?.find(({ code }) => code === 'VOICE_NOT_KEPT')?.message;
    };
    const seconds = Number(/^\d\.\d\d(?= s of speech)/.exec((await counted(5)) ?? '')?.[0]);
    // What is found of speech differs a little at its ends.
    expect(seconds).toBeGreaterThan(0.2);
    expect(seconds).toBeLessThan(0.5);
    // Soon enough after it, the rest tells its voice.
    expect(await counted(2.8)).toBeUndefined();
  });

  it('says so where there is too little speech to read a voice from, and where no net can read one', async () => {
    const input = new Float32Array(5 * rate);
    input.set(
      fakeSpeech(0.3, rate, () => 120),
      3 * rate,
    );
    const { codes } = await speakKept({}, new FakeVoiceHost(), input, 8192);
    expect(codes).toEqual(['VOICE_KEPT_NOT_PROTECTION', 'VOICE_NOT_KEPT', 'VOICE_LITTLE_SPEECH']);
    const { reference: _none, ...older } = voiceSynthesisManifest();
    const host = new FakeVoiceHost({}, [voiceCodesManifest(), older]);
    const refused = expect.objectContaining({ code: 'MODEL_NOT_FOUND' }) as Error;
    expect(() => definition.check({ ...settings, mode: 'keep' }, host)).toThrow(refused);
    definition.check(settings, host);
    await expect(speakKept({}, host, input, 8192)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    expect(host.openSessions).toBe(0);
  });

  it('names missing models before anything is decoded, and opens nothing then', async () => {
    const none = new FakeVoiceHost({}, []);
    const missing = expect.objectContaining({ code: 'MODEL_NOT_FOUND' }) as Error;
    expect(() => definition.check(settings, none)).toThrow(missing);
    expect(() => definition.check({ ...settings, level: 'int4' }, new FakeVoiceHost())).toThrow(missing);
    definition.check(settings, new FakeVoiceHost());
    const models = new FakeVoiceHost();
    const format = { sampleRateHz: 4000, channels: 1 };
    await expect(openVoice(format, settings, { models, signal })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    expect(models.openSessions).toBe(0);
  });
});
