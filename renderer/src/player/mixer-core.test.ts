import { describe, expect, it } from 'vitest';
import {
  atUnity,
  blockFrames,
  length,
  MixerBench,
  rate,
  rawAt,
  resultAt,
  straight,
} from './mixer-bench.fake.js';
import { fadeSeconds } from './mixer-core.js';

const fadeFrames = Math.round(fadeSeconds * rate);

describe('MixerCore', () => {
  it('gives the raw recording bit for bit from its first sample frame to its last, then stops', async () => {
    const bench = new MixerBench();
    await bench.play(straight);
    await bench.run(length + 4096);
    expect(bench.left.slice(0, length)).toEqual(Array.from({ length }, (_, i) => Math.fround(rawAt(i))));
    expect(bench.right.slice(0, length)).toEqual(Array.from({ length }, (_, i) => Math.fround(-rawAt(i))));
    expect(bench.control.endedEpoch).toBe(bench.control.adoptedEpoch);
    expect(bench.control.position).toBe(length);
    expect(bench.left.slice(length + fadeFrames).every((value) => value === 0)).toBe(true);
  });

  it('lets the last value down in a fade, so that an end in full sound does not click', async () => {
    const bench = new MixerBench();
    await bench.play({ ...straight, startFrame: length - 5000 });
    await bench.run(8192);
    const end = 5000;
    expect(bench.left[end - 1]).toBe(Math.fround(rawAt(length - 1)));
    const steps = bench.left
      .slice(end, end + fadeFrames)
      .map((value, i) => Math.abs(value - (bench.left[end - 1 + i] ?? 0)));
    expect(Math.max(...steps)).toBeLessThan(rawAt(length) / fadeFrames + 1e-6);
  });

  it('stays at the same sample frame while versions are switched, and fades between them at equal gain', async () => {
    const bench = new MixerBench();
    await bench.play(straight);
    await bench.run(1024);
    bench.control.levels = { ...atUnity, side: 1 };
    await bench.run(1024);
    for (let i = 0; i < 2048; i++) {
      const share = Math.min(1, Math.max(0, (i - 1024 + 1) / fadeFrames));
      const expected = rawAt(i) * (1 - share) + resultAt(i) * share;
      expect(bench.left[i]).toBeCloseTo(expected, 6);
    }
    expect(bench.left.slice(1024 + fadeFrames)).toEqual(
      Array.from({ length: 1024 - fadeFrames }, (_, i) => Math.fround(resultAt(1024 + fadeFrames + i))),
    );
  });

  it('hears another strength as raw plus its share of the difference', async () => {
    for (const strengthRatio of [0, 0.25, 0.5, 1, 1.6]) {
      const bench = new MixerBench({}, { ...atUnity, side: 1, strengthRatio });
      await bench.play(straight);
      await bench.run(512);
      const expected = Array.from(
        { length: 512 },
        (_, i) => rawAt(i) + (resultAt(i) - rawAt(i)) * strengthRatio,
      );
      bench.left.slice(0, 512).forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? 0, 6));
    }
  });

  it('applies the gains of loudness matching to their own side only', async () => {
    const bench = new MixerBench({}, { ...atUnity, rawGain: 0.5, volume: 0.5 });
    await bench.play(straight);
    await bench.run(256);
    expect(bench.left[100]).toBe(Math.fround(rawAt(100) * 0.25));
    bench.control.levels = { ...atUnity, side: 1, rawGain: 0.5, volume: 0.5 };
    await bench.run(2048);
    expect(bench.left.at(-1)).toBe(Math.fround(resultAt(bench.left.length - 1) * 0.5));
  });

  it('hears raw on both sides while there is no result', async () => {
    const bench = new MixerBench({ readResult: null }, { ...atUnity, side: 1 });
    await bench.play(straight);
    await bench.run(256);
    expect(bench.left.slice(0, 256)).toEqual(Array.from({ length: 256 }, (_, i) => Math.fround(rawAt(i))));
  });

  it('goes on at exactly the frame sought, without a step larger than the fades make', async () => {
    const bench = new MixerBench();
    await bench.play(straight);
    await bench.run(1024);
    bench.control.requestOrder({ ...straight, startFrame: 40_000 });
    await bench.run(4096);
    // The first block adopts the order, the feeder fills, the second begins with the frame sought.
    const begin = bench.left.length - 4096 + blockFrames;
    const settled = begin + fadeFrames + blockFrames;
    expect(bench.left[settled]).toBe(Math.fround(rawAt(40_000 + settled - begin)));
    expect(bench.control.position).toBe(40_000 + 4096 - blockFrames);
    expect(bench.largestStep()).toBeLessThan((2 * rawAt(45_000)) / fadeFrames);
  });

  it('stops in a fade and goes on with the next sample frame', async () => {
    const bench = new MixerBench();
    await bench.play({ ...straight, startFrame: 30_000 });
    await bench.run(2048);
    bench.control.play = false;
    await bench.run(1024);
    expect(bench.left.at(-1)).toBe(0);
    expect(bench.control.sounding).toBe(false);
    const stoppedAt = bench.control.position;
    expect(stoppedAt).toBe(30_000 + 2048 + fadeFrames);
    bench.control.play = true;
    await bench.run(1024);
    expect(bench.left.at(-1)).toBe(Math.fround(rawAt(stoppedAt + 1023)));
    expect(bench.largestStep()).toBeLessThan((2 * rawAt(35_000)) / fadeFrames);
  });

  it('repeats exactly the frames of a loop, round after round', async () => {
    const bench = new MixerBench();
    const loop = { loopStart: 10_000, loopEnd: 14_000 };
    await bench.play({ ...straight, startFrame: 12_000, ...loop });
    await bench.run(2000 + 4000 * 3);
    const dip = 130;
    for (let round = 0; round < 3; round++) {
      const at = 2000 + round * 4000 + dip;
      expect(bench.left.slice(at, at + 3700)).toEqual(
        Array.from({ length: 3700 }, (_, i) => Math.fround(rawAt(10_000 + dip + i))),
      );
    }
    expect(bench.largestStep()).toBeLessThan(rawAt(14_000) / 100);
  });

  it('plays backward to the beginning and ends there', async () => {
    const bench = new MixerBench();
    await bench.play({ ...straight, startFrame: 5000, direction: -1 });
    await bench.run(6144);
    expect(bench.left[1000]).toBe(Math.fround(rawAt(4000)));
    expect(bench.control.position).toBe(0);
    expect(bench.control.endedEpoch).toBe(bench.control.adoptedEpoch);
  });

  it('hears the mean of the frames passed over at shuttle speed', async () => {
    const bench = new MixerBench();
    await bench.play({ ...straight, speed: 4 });
    await bench.run(1024);
    expect(bench.left[500]).toBeCloseTo((rawAt(2000) + rawAt(2001) + rawAt(2002) + rawAt(2003)) / 4, 7);
  });

  it('falls silent in a fade when the ring runs empty, and comes back at the right frame', async () => {
    const bench = new MixerBench();
    await bench.play({ ...straight, startFrame: 20_000 });
    await bench.fill();
    await bench.run(40_000, false);
    expect(bench.control.underruns).toBe(1);
    expect(bench.left.at(-1)).toBe(0);
    const next = bench.control.position;
    await bench.run(1024);
    expect(bench.left.at(-1)).toBe(Math.fround(rawAt(next + 1023)));
    expect(bench.largestStep()).toBeLessThan((2 * rawAt(length)) / fadeFrames);
  });

  it('reports the highest sample of each ear since the last look', async () => {
    const bench = new MixerBench();
    await bench.play(straight);
    await bench.run(256);
    const [left, right] = bench.control.takeMeter();
    expect(left).toBe(Math.fround(rawAt(255)));
    expect(right).toBe(Math.fround(rawAt(255)));
    expect(bench.control.takeMeter()).toEqual([0, 0]);
  });
});
