import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { melBandCount, MelFrames } from '../dsp/mel-frames.js';
import { transpose } from '../dsp/spectrum.js';
import { modelsRoot } from '../models/manifests.js';
import { SpeechWindows, type SpeechWindow } from './speech-windows.js';

/** Written by `native-models/speaker-embedder/speech_golden.py`. */
const goldenFolder = join(modelsRoot(), 'speaker-embedder', 'golden');
const goldenSchema = z.object({
  sound: z.string(),
  sampleRateHz: z.number(),
  samples: z.number(),
  windows: z.string(),
  windowFrames: z.array(z.number()),
  maxAbsoluteError: z.number(),
});

const silence = Math.log(1e-13);

/** Each frame as `levels` says, in dB below a loud one; null is silence. The first band holds the frame's number. */
function windowsOf(seconds: number | null, levels: readonly (number | null)[], skips = false): number[][] {
  const found: number[][] = [];
  const sink = ({ mel, frames }: SpeechWindow): void => {
    found.push([...mel.subarray(0, frames)]);
  };
  const windows = new SpeechWindows(seconds);
  for (let frame = 0; frame < levels.length; frame++) {
    if (skips && frame % 100 === 0 && frame > 0) frame += 100 * windows.skipFrom(frame / 100);
    const down = levels[frame];
    if (down === undefined) break;
    const row = new Float64Array(melBandCount).fill(down === null ? silence : -10 - (down * Math.LN10) / 10);
    // Far below the others, so that it changes no loudness.
    row[0] = -1e5 + frame;
    windows.push(row, sink);
  }
  windows.finish(sink);
  return found.map((numbers) => numbers.map((value) => Math.round(value + 1e5)));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, n) => from + n);
}

describe('windows of speech', () => {
  it('are those that training found in the golden recording', async () => {
    const golden = goldenSchema.parse(
      JSON.parse(readFileSync(join(goldenFolder, 'speech-windows.json'), 'utf8')),
    );
    const bytes = readFileSync(join(goldenFolder, golden.sound));
    const data = bytes.indexOf('data') + 8;
    const sound = Float32Array.from(
      { length: golden.samples },
      (_, n) => bytes.readInt16LE(data + 2 * n) / 32_768,
    );
    const stored = readFileSync(join(goldenFolder, golden.windows));
    const expected = new Float32Array(
      stored.buffer.slice(stored.byteOffset, stored.byteOffset + stored.byteLength),
    );
    const windows = new SpeechWindows(golden.samples / golden.sampleRateHz);
    const found: SpeechWindow[] = [];
    const sink = (window: SpeechWindow): void => {
      found.push(window);
    };
    const mel = await MelFrames.open(golden.sampleRateHz, 1);
    mel.push([sound], (row) => windows.push(row, sink));
    mel.finish((row) => windows.push(row, sink));
    mel.close();
    windows.finish(sink);
    expect(found.map(({ frames }) => frames)).toEqual(golden.windowFrames);
    const rows = found.flatMap((window) => [...transpose(window.mel, melBandCount, window.frames)]);
    const worst = rows.reduce((most, value, n) => Math.max(most, Math.abs(value - expected[n]!)), 0);
    expect(rows).toHaveLength(expected.length);
    expect(worst).toBeLessThan(golden.maxAbsoluteError);
  });

  it.each([false, true])(
    'hold the first three seconds of speech in each of nine slots (left out what may be: %s)',
    (skips) => {
      const levels = range(0, 13_000).map((t) =>
        (t >= 50 && t < 2000) || (t >= 5000 && t < 5150) ? 0 : null,
      );
      expect(windowsOf(130, levels, skips)).toEqual([range(50, 350), range(1502, 1802), range(5000, 5150)]);
    },
  );

  it('leave out what is 30 dB below the recently loudest, and a rest of less than a second', () => {
    const after = (down: number): number[][] =>
      windowsOf(
        3,
        range(0, 300).map((t) => (t < 150 ? 0 : down)),
      );
    expect(after(25)).toEqual([range(0, 300)]);
    // Over 1.5 s the loudest is forgotten by 6 dB.
    expect(after(38)).toEqual([range(0, 150)]);
    expect(
      windowsOf(
        1,
        range(0, 100).map((t) => (t < 99 ? 0 : null)),
      ),
    ).toEqual([]);
  });

  it('are heard every half minute where nobody knows the length, and in full in a short recording', () => {
    const always = range(0, 7000).map(() => 0);
    expect(windowsOf(null, always)).toEqual([range(0, 300), range(3002, 3302), range(6002, 6302)]);
    expect(windowsOf(12, always.slice(0, 1200)).flat()).toHaveLength(1200 - 3 * 2);
  });

  it.each([false, true])(
    'end after a minute where the length was said to be a second (left out what may be: %s)',
    (skips) => {
      const found = windowsOf(
        1,
        range(0, 7000).map(() => 0),
        skips,
      );
      expect(found.map((window) => window.length)).toEqual(range(0, 20).map(() => 300));
    },
  );

  it('do not end at samples whose power is no number', () => {
    const windows = new SpeechWindows(3);
    const found: SpeechWindow[] = [];
    const sink = (window: SpeechWindow): void => {
      found.push(window);
    };
    for (let t = 0; t < 200; t++)
      windows.push(new Float64Array(melBandCount).fill(t === 10 ? Infinity : -10), sink);
    windows.finish(sink);
    expect(found.map(({ frames }) => frames)).toEqual([199]);
  });
});
