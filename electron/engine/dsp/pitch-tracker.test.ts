import { describe, expect, it } from 'vitest';
import { voiceFrameCount } from './centred-frames.js';
import { whiteNoise } from './noise.fake.js';
import type { Planar } from './planar.js';
import { PitchTracker } from './pitch-tracker.js';

/** A twelfth of a semitone is eight cents: far below what is heard. */
const centsTolerance = 8;

interface Track {
  readonly f0Hz: number[];
  readonly strength: number[];
}

async function track(planar: Planar, sampleRateHz: number, blockFrames = 4096): Promise<Track> {
  const tracker = await PitchTracker.open(sampleRateHz, planar.length);
  const found: Track = { f0Hz: [], strength: [] };
  const sink = (f0Hz: number, strength: number): void => {
    found.f0Hz.push(f0Hz);
    found.strength.push(strength);
  };
  for (let at = 0; at < planar[0]!.length; at += blockFrames) {
    tracker.push(
      planar.map((samples) => samples.subarray(at, at + blockFrames)),
      sink,
    );
  }
  tracker.finish(sink);
  tracker.close();
  return found;
}

/** A voice-like sound: pulses through two resonances. @param f0Hz  of an instant, seconds */
function voice(f0Hz: (seconds: number) => number, seconds: number, sampleRateHz: number): Float32Array {
  let phase = 0;
  const samples = Float32Array.from({ length: Math.round(seconds * sampleRateHz) }, (_, n) => {
    const f0 = f0Hz(n / sampleRateHz);
    phase += f0 / sampleRateHz;
    let value = 0;
    for (let harmonic = 1; harmonic * f0 < Math.min(4000, sampleRateHz / 2); harmonic++) {
      const frequency = harmonic * f0;
      const gain =
        1 / (1 + ((frequency - 600) / 150) ** 2) + 0.5 / (1 + ((frequency - 1500) / 200) ** 2) + 0.02;
      value += gain * Math.cos(2 * Math.PI * harmonic * phase);
    }
    return 0.05 * value;
  });
  return samples;
}

const cents = (found: number, expected: number): number => Math.abs(1200 * Math.log2(found / expected));

/** Frames that are not near the ends, where the window reaches into silence. */
const inner = <Value>(values: readonly Value[]): readonly Value[] => values.slice(5, -5);

describe('the pitch tracker', () => {
  it.each([8000, 16_000, 22_050, 44_100, 48_000, 96_000])(
    'tells the pitch of a voice at %i Hz',
    async (rate) => {
      for (const f0 of [70, 110, 196, 330, 450]) {
        const { f0Hz } = await track([voice(() => f0, 0.5, rate)], rate);
        expect(f0Hz).toHaveLength(voiceFrameCount(0.5 * rate, rate));
        for (const found of inner(f0Hz)) expect(cents(found, f0), `${f0} Hz`).toBeLessThan(centsTolerance);
      }
    },
  );

  it('follows a gliding voice without delay', async () => {
    const glide = (seconds: number): number => 120 * 2 ** (0.8 * seconds);
    const { f0Hz } = await track([voice(glide, 1.2, 16_000)], 16_000);
    f0Hz.forEach((found, frame) => {
      if (frame < 5 || frame > f0Hz.length - 6) return;
      expect(cents(found, glide(frame / 100))).toBeLessThan(20);
    });
  });

  it('keeps the pitch in noise as loud as the voice', async () => {
    const clean = voice(() => 140, 1, 16_000);
    const level = Math.sqrt(clean.reduce((total, value) => total + value * value, 0) / clean.length);
    const noise = whiteNoise(clean.length, 12, level * Math.sqrt(3));
    const { f0Hz } = await track([clean.map((value, n) => value + noise[n]!)], 16_000);
    const right = inner(f0Hz).filter((found) => found > 0 && cents(found, 140) < 50);
    expect(right.length / inner(f0Hz).length).toBeGreaterThan(0.9);
  });

  it('hears no voice in noise, in silence, in a click or in hum far below speech', async () => {
    const voicedShare = async (samples: Float32Array): Promise<number> => {
      const { f0Hz } = await track([samples], 16_000);
      return f0Hz.filter((found) => found > 0).length / f0Hz.length;
    };
    expect(await voicedShare(whiteNoise(32_000, 7, 0.1))).toBeLessThan(0.1);
    expect(await voicedShare(new Float32Array(16_000))).toBe(0);
    expect(
      await voicedShare(Float32Array.from({ length: 16_000 }, (_, n) => (n === 8000 ? 1 : 0))),
    ).toBeLessThan(0.1);
    const spoken = voice(() => 150, 1, 16_000);
    const rest = whiteNoise(16_000, 3, 1e-5);
    const { f0Hz } = await track([Float32Array.of(...spoken, ...rest)], 16_000);
    expect(f0Hz.slice(105).every((found) => found === 0)).toBe(true);
  });

  it('does not care how the stream is cut, and hears two opposed channels as one', async () => {
    const samples = voice((seconds) => 100 + 40 * seconds, 1, 44_100);
    const whole = await track([samples], 44_100, samples.length);
    expect(await track([samples], 44_100, 777)).toEqual(whole);
    const opposed = await track([samples, samples.map((value) => -value)], 44_100);
    inner(opposed.f0Hz).forEach((found, n) => {
      expect(cents(found, inner(whole.f0Hz)[n]!)).toBeLessThan(1);
    });
  });

  it('decides within 175 ms', async () => {
    const tracker = await PitchTracker.open(16_000, 1);
    let decided = 0;
    tracker.push([voice(() => 120, 1, 16_000)], () => decided++);
    tracker.close();
    expect(decided).toBeGreaterThanOrEqual(100 - 18);
  });

  it('stays finite for anything a recording may hold', async () => {
    for (const wave of [
      () => 1,
      (n: number) => 1e6 * Math.sin(n),
      (n: number) => (n % 2 === 0 ? 1e-45 : 0),
    ]) {
      const { f0Hz, strength } = await track(
        [Float32Array.from({ length: 8000 }, (_, n) => wave(n))],
        16_000,
      );
      expect([...f0Hz, ...strength].every(Number.isFinite)).toBe(true);
    }
  });
});
