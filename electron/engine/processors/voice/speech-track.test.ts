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

  it('tells how far F0 rises above the mean of the speaker, and nothing of that mean, from the first frame on', () => {
    const rises = (registerHz: number): number[] => {
      // A phrase that falls, between two pauses, and so on.
      const phrase = Array.from({ length: 60 }, (_, t) => speech(0.1, registerHz * 2 ** (0.3 - t / 100)));
      return follow([phrase, times(40, silent), phrase, times(90, silent), phrase].flat()).frames.map(
        ({ riseOctaves }) => riseOctaves,
      );
    };
    const low = rises(90);
    rises(240).forEach((rise, t) => expect(rise).toBeCloseTo(low[t]!, 9));
    expect(low[0]).toBeGreaterThan(0.2);
    expect(Math.max(...low.map(Math.abs))).toBeLessThan(0.45);
    // The first phrase is at the mean of all that is known by then.
    const first = low.slice(0, 60);
    expect(Math.abs(first.reduce((sum, rise) => sum + rise, 0) / 60)).toBeLessThan(0.05);
  });

  it('stays near the mean while little was voiced, and follows a mean that changes without a jump', () => {
    // A single syllable, whose pitch may be wrong, a second before the next.
    const syllable = follow([...times(5, speech(0.1, 300)), speech(0.1, 100), ...times(200, silent)]);
    const rises = syllable.frames.slice(0, 6).map(({ riseOctaves }) => Math.abs(riseOctaves));
    expect(Math.max(...rises)).toBeLessThan(0.2);
    const { frames } = follow([...times(1000, speech(0.1, 100)), ...times(6000, speech(0.1, 180))]);
    const later = frames.slice(1000).map(({ riseOctaves }) => riseOctaves);
    expect(Math.abs(later.at(-1)!)).toBeLessThan(0.15);
    later.slice(1).forEach((rise, t) => expect(Math.abs(rise - later[t]!)).toBeLessThan(0.01));
  });

  it('turns noise at the very start down from its first frame on', () => {
    const loud: Given = { rms: [0.1], f0Hz: 0 };
    const { frames } = follow([...times(150, loud), ...times(300, speech())]);
    for (const frame of frames.slice(0, 100)) expect(gain(frame)).toBeLessThanOrEqual(0.011);
    expect(gain(frames[200]!)).toBeCloseTo(0.1, 3);
  });

  it('finds nothing unspoken in the echo of a room, only in what lasts', () => {
    const words = (tail: number): Given[] =>
      Array.from({ length: 6 }, () => [
        ...times(60, speech()),
        ...times(tail, { rms: [0.02], f0Hz: 0 }),
        ...times(60, silent),
      ]).flat();
    expect(follow(words(60)).track.unspokenFrames).toBe(0);
    expect(follow(words(80)).track.unspokenFrames).toBeGreaterThan(300);
  });

  it.each([27, 30, 33])('tells of somebody %i dB quieter who is left out', (belowDb) => {
    const far = speech(0.1 * 10 ** (-belowDb / 20));
    const turns = [times(2000, speech()), times(30, silent), times(300, far), times(30, silent)];
    const { frames, track } = follow([...turns, times(300, speech())].flat());
    const left = frames.slice(2030, 2330).filter(({ open }) => !open).length;
    expect(left).toBeGreaterThan(100);
    expect(track.quietFrames).toBeGreaterThanOrEqual(left - 5);
    expect(track.quietFrames).toBeLessThanOrEqual(left);
  });

  it('tells of nobody who is heard, of no word that fades and of nothing in the noise floor', () => {
    const near = follow([...times(500, speech()), ...times(300, speech(0.01)), ...times(300, speech())]);
    expect(near.track.quietFrames).toBe(0);
    const fading = Array.from({ length: 40 }, (_, t) => speech(0.1 * 10 ** (-t / 20)));
    const words = Array.from({ length: 5 }, () => [...times(100, speech()), ...fading, ...times(50, silent)]);
    expect(follow(words.flat()).track.quietFrames).toBe(0);
    const floor = follow([...times(500, speech()), ...times(500, speech(0.0003)), ...times(200, speech())]);
    expect(floor.track.quietFrames).toBe(0);
  });

  it('is exactly 0 for silence and finite for the smallest and largest numbers there are', () => {
    expect(follow(times(300, silent)).frames.every((frame) => gain(frame) === 0)).toBe(true);
    for (const level of [1e-45, 1e15]) {
      const { frames } = follow(times(300, speech(level)));
      expect(frames.every((frame) => Number.isFinite(gain(frame)))).toBe(true);
    }
  });
});
