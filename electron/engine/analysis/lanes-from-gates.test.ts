import { describe, expect, it } from 'vitest';
import type { ProbeTable } from '../models/probe-table.js';
import { bitProbe, tinyProbes } from '../models/tiny-probes.fake.js';
import { laneCount } from './lanes.js';
import { LanesFromGates, untoldLanes } from './lanes-from-gates.js';

/** Names of the bits of {@link tinyProbes}. */
const bitNames = ['speech', 'voiced', 'octave', 'tenDb', 'rain', 'strange'];
type Row = Record<'speech' | 'f0Hz' | 'snrDb' | 'noise', number>;

/** @param frames  names of the bits that are on, in words */
function lanesOf(frames: readonly string[], table: ProbeTable = tinyProbes(), power = 0.01): Row[] {
  const lanes = new LanesFromGates(table, bitNames.length);
  for (const words of frames) {
    const on = words.split(' ');
    lanes.push(
      Uint8Array.from(bitNames, (name) => (on.includes(name) ? 1 : 0)),
      power,
    );
  }
  lanes.finish();
  expect(lanes.frames).toBe(frames.length);
  return Array.from({ length: lanes.frames }, (_, t) => {
    const [speech, f0Hz, snrDb, noise] = lanes.values.subarray(t * laneCount);
    return { speech: speech!, f0Hz: f0Hz!, snrDb: snrDb!, noise: noise! };
  });
}

const unknown = { speech: NaN, f0Hz: NaN, snrDb: NaN, noise: NaN };

describe('lanes from gates', () => {
  it('tell speech, kind of noise and level, and F0 only where somebody speaks with a voice', () => {
    const [pause, whisper, voice, high, hum] = lanesOf([
      '',
      'speech',
      'speech voiced tenDb',
      'speech voiced octave rain',
      'voiced',
    ]);
    expect(pause!.speech).toBeCloseTo(1 / (1 + Math.exp(4)), 6);
    expect(voice!.speech).toBeCloseTo(1 / (1 + Math.exp(-4)), 6);
    expect([pause, whisper, hum].map((row) => row!.f0Hz)).toEqual([NaN, NaN, NaN]);
    expect(voice!.f0Hz).toBeCloseTo(100, 3);
    expect(high!.f0Hz).toBeCloseTo(200, 3);
    expect([pause!.snrDb, whisper!.snrDb, voice!.snrDb]).toEqual([NaN, 5, 15]);
    expect([pause!.noise, high!.noise]).toEqual([0, 1]);
  });

  it('say nothing of a sound unlike what the net was trained on, nor of silence', () => {
    expect(lanesOf(['speech strange', 'strange'])).toEqual([unknown, unknown]);
    expect(lanesOf(['speech voiced'], tinyProbes(), 0)).toEqual([unknown]);
    // -70 dBFS is 1e-7 in mean square.
    expect(lanesOf(['speech'], tinyProbes(), 0.99e-7)).toEqual([unknown]);
    expect(lanesOf(['speech'], tinyProbes(), 1.01e-7)[0]!.speech).toBeGreaterThan(0.9);
  });

  it('leave a kind of noise unknown that is hardly likelier than the others', () => {
    const { noise } = tinyProbes();
    const doubtful = { ...noise, weights: [[-0.2], [0.2]], bias: [0.1, -0.1] };
    expect(lanesOf(['rain', ''], tinyProbes({ noise: doubtful })).map((row) => row.noise)).toEqual([
      NaN,
      NaN,
    ]);
    const decided = { ...doubtful, minimumProbability: 0.5 };
    expect(lanesOf(['rain', ''], tinyProbes({ noise: decided })).map((row) => row.noise)).toEqual([1, 0]);
  });

  it('keep the level in its range and leave out an F0 that no voice has', () => {
    const snr = { ...tinyProbes().snr, minimumDb: 6, maximumDb: 14 };
    expect(lanesOf(['speech', 'speech tenDb'], tinyProbes({ snr })).map((row) => row.snrDb)).toEqual([6, 14]);
    const f0 = { ...tinyProbes().f0, minimumHz: 150 };
    const heard = lanesOf(['speech voiced', 'speech voiced octave'], tinyProbes({ f0 }));
    expect(heard[0]!.f0Hz).toBeNaN();
    expect(heard[1]!.f0Hz).toBeCloseTo(200, 3);
  });

  it('say nothing in a lane whose probe failed on recordings it was not fitted on', () => {
    const { f0, noise, ...others } = tinyProbes();
    const table = { ...others, f0: { ...f0, trusted: false }, noise: { ...noise, trusted: false } };
    const [trusted] = lanesOf(['speech voiced rain']);
    const [row] = lanesOf(['speech voiced rain'], table);
    expect([trusted!.f0Hz, trusted!.noise]).not.toContain(NaN);
    expect(row).toMatchObject({ f0Hz: NaN, noise: NaN, speech: trusted!.speech });
    expect([untoldLanes(tinyProbes()), untoldLanes(table)]).toEqual([[], ['f0Hz', 'noise']]);
  });

  it('put each value on the frame it describes, however late it is read', () => {
    const late = tinyProbes({
      speech: bitProbe(0, 8, -4, { delayFrames: 3, averageFrames: 1 }),
      voiced: bitProbe(1, 8, -4, { delayFrames: 1 }),
    });
    // The speech bit comes on three frames after what it speaks of, the voiced bit one frame after.
    const rows = lanesOf(['', 'voiced', '', 'speech', '', ''], late);
    expect(rows.map(({ speech }) => speech > 0.5)).toEqual([true, false, false, false, false, false]);
    expect(rows[0]!.f0Hz).toBeCloseTo(100, 3);
    // Nobody knows what comes after the end.
    expect(rows.slice(3).map(({ speech }) => speech)).toEqual([NaN, NaN, NaN]);
  });

  it('tell silence by the frame itself and not by the later one it is read at', () => {
    const lanes = new LanesFromGates(
      tinyProbes({ speech: bitProbe(0, 8, -4, { delayFrames: 2, averageFrames: 5 }) }),
      6,
    );
    for (const power of [0.1, 0, 0.1, 0.1]) lanes.push(new Uint8Array(6), power);
    lanes.finish();
    const known = Array.from({ length: 4 }, (_, t) => !Number.isNaN(lanes.values[t * laneCount]));
    expect(known).toEqual([true, false, true, true]);
  });
});
