import { describe, expect, it } from 'vitest';
import { SpeechTrack, type SpeechFrame } from './speech-track.js';

interface Given {
  /** rms per channel */
  readonly rms: readonly number[];
  readonly f0Hz: number;
}

const speech = (rms = 0.1, f0Hz = 120): Given => ({ rms: [rms], f0Hz });
const silent: Given = { rms: [0], f0Hz: 0 };
const times = (count: number, given: Given): Given[] => new Array<Given>(count).fill(given);

function follow(given: readonly Given[]): { frames: SpeechFrame[]; track: SpeechTrack } {
  const track = new SpeechTrack(given[0]!.rms.length);
  const frames: SpeechFrame[] = [];
  const sink = (frame: SpeechFrame): void => {
    frames.push(frame);
  };
  for (const { rms, f0Hz } of given) {
    const powers = Float64Array.from(rms, (value) => value * value);
    track.push({ powers, peak: 3 * Math.max(...rms) }, f0Hz, sink);
  }
  track.finish(sink);
  expect(frames).toHaveLength(given.length);
  return { frames, track };
}

const gain = ({ gains }: SpeechFrame): number => gains[0]!;

describe('the speech track', () => {
  it('gives the level of speech, whatever pauses there are and wherever it begins', () => {
    for (const level of [0.001, 0.1, 10]) {
      const { frames } = follow([
        ...times(200, silent),
        ...times(300, speech(level)),
        ...times(500, silent),
        ...times(300, speech(level)),
      ]);
      for (const t of [201, 350, 499, 1001, 1200]) expect(gain(frames[t]!)).toBeCloseTo(level, 6);
    }
  });

  it('is slow: a loud word hardly moves the level', () => {
    const { frames } = follow([...times(1000, speech()), ...times(30, speech(0.4)), ...times(200, speech())]);
    const gains = frames.slice(900).map(gain);
    expect(Math.max(...gains) / Math.min(...gains)).toBeLessThan(1.4);
  });

  it('shuts in pauses: open within a frame, shut after a tenth of a second, exactly 0 from then on', () => {
    const { frames } = follow([...times(100, silent), ...times(100, speech()), ...times(100, silent)]);
    expect(frames.slice(0, 100).every((frame) => gain(frame) === 0)).toBe(true);
    expect(gain(frames[100]!)).toBeCloseTo(0.1, 6);
    expect(gain(frames[204]!)).toBeGreaterThan(0);
    expect(frames.slice(210).every((frame) => gain(frame) === 0)).toBe(true);
  });

  it('does not flutter between its two thresholds, and is shut for what lies far below speech', () => {
    const between = 0.1 * 10 ** (-29 / 20);
    const fading = follow([...times(200, speech()), ...times(100, speech(between)), ...times(200, speech())]);
    expect(fading.frames.slice(0, 300).every(({ open }) => open)).toBe(true);
    const beginning = follow([...times(100, { rms: [between], f0Hz: 0 }), ...times(300, speech())]);
    // Three quarters of a second are heard in advance; what comes before that is only turned down.
    expect(beginning.frames.slice(30, 100).some(({ open }) => open)).toBe(false);
    const hiss = follow([...times(200, speech()), ...times(200, { rms: [0.1 * 10 ** (-40 / 20)], f0Hz: 0 })]);
    expect(hiss.frames.slice(220).every((frame) => gain(frame) === 0)).toBe(true);
  });

  it('turns down what is loud, unvoiced and far from speech, and not a consonant', () => {
    const loud: Given = { rms: [0.1], f0Hz: 0 };
    const { frames, track } = follow([...times(200, speech()), ...times(150, loud), ...times(200, speech())]);
    expect(gain(frames[275]!)).toBeCloseTo(0.01, 6);
    expect(gain(frames[180]!)).toBeCloseTo(0.1, 6);
    expect(gain(frames[380]!)).toBeCloseTo(0.1, 6);
    expect(track.unspokenFrames).toBeGreaterThan(80);
    expect(track.speechFrames + track.unspokenFrames).toBe(550);
    const consonant = follow([...times(200, speech()), ...times(30, loud), ...times(200, speech())]);
    expect(consonant.track.unspokenFrames).toBe(0);
    consonant.frames.forEach((frame) => expect(gain(frame)).toBeCloseTo(0.1, 6));
  });

  it('keeps a silent channel exactly silent, and the balance of the others', () => {
    const { frames } = follow(times(300, { rms: [0.3, 0, 0.1], f0Hz: 120 }));
    const mean = Math.sqrt((0.09 + 0.01) / 3);
    for (const { gains } of frames) {
      expect(gains[1]).toBe(0);
      expect(gains[0]! / gains[2]!).toBeCloseTo(3, 6);
      expect(Math.sqrt((gains[0]! ** 2 + gains[2]! ** 2) / 3)).toBeCloseTo(mean, 6);
    }
  });

  it('finds the mean of F0 slowly, beginning between men and women, without a jump', () => {
    const { frames } = follow(times(2000, speech(0.1, 90)));
    const means = frames.map(({ meanOctaves }) => meanOctaves);
    expect(means[0]).toBeLessThan(7.3);
    expect(Math.abs(means.at(-1)! - Math.log2(90))).toBeLessThan(0.03);
    means.slice(1).forEach((mean, t) => expect(Math.abs(mean - means[t]!)).toBeLessThan(0.01));
  });

  it('is exactly 0 for silence and finite for the smallest and largest numbers there are', () => {
    expect(follow(times(300, silent)).frames.every((frame) => gain(frame) === 0)).toBe(true);
    for (const level of [1e-45, 1e15]) {
      const { frames } = follow(times(300, speech(level)));
      expect(frames.every((frame) => Number.isFinite(gain(frame)))).toBe(true);
    }
  });
});
