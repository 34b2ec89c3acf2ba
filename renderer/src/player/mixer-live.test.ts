import { describe, expect, it } from 'vitest';
import { enhancedFrom, FakeNet } from './live-net.fake.js';
import { atUnity, blockFrames, length, MixerBench, rate, rawAt, straight } from './mixer-bench.fake.js';
import type { BenchOptions } from './mixer-bench.fake.js';
import { fadeSeconds } from './mixer-core.js';
import { LiveAhead, runUpSeconds } from './live-ahead.js';

const fadeFrames = Math.round(fadeSeconds * rate);
const hop = 768;
const live = { ...atUnity, live: 1 };
const liveAt = (frame: number) => Math.fround(enhancedFrom(rawAt(frame)));
const ramp = (at: (frame: number) => number, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => at(from + i));

function liveBench(levels = live, options: BenchOptions = {}, net = new FakeNet(hop)) {
  const bench = new MixerBench({ readResult: null }, levels, { enhancer: net, ...options });
  bench.control.liveSession = 1;
  return { bench, net };
}

/** Runs until sound begins. @returns index of the first sounding sample in `left` */
async function untilSounding(bench: MixerBench): Promise<number> {
  const sounds = (value: number) => value !== 0;
  for (let blocks = 0; blocks < 400 && !bench.left.some(sounds); blocks++) await bench.run(blockFrames);
  return bench.left.findIndex(sounds);
}

describe('MixerCore with a net', () => {
  it('hears the enhanced recording from its first sample frame to its last, at the same sample frames', async () => {
    const { bench } = liveBench();
    await bench.play(straight);
    const begin = await untilSounding(bench);
    await bench.run(length + 2048);
    expect(bench.left.slice(begin, begin + length)).toEqual(ramp(liveAt, 0, length));
    expect(bench.right[begin + 1000]).toBe(-liveAt(1000));
    expect(bench.control.endedEpoch).toBe(bench.control.adoptedEpoch);
    expect(bench.control.liveStatus).toBe('ready');
  });

  it('gives the net a run-up before a place sought, on the frames of the file path, and hears live at once', async () => {
    const { bench, net } = liveBench();
    await bench.play({ ...straight, startFrame: 50_001 });
    const begin = await untilSounding(bench);
    await bench.run(4096);
    const first = Math.round((net.firsts[0] ?? 0) * 131_072) - 1;
    expect(first % hop).toBe(0);
    expect(50_001 - first).toBeGreaterThanOrEqual(runUpSeconds * rate);
    const settled = begin + fadeFrames;
    expect(bench.left.slice(settled, settled + 2000)).toEqual(
      ramp(liveAt, 50_001 + fadeFrames, 50_001 + fadeFrames + 2000),
    );
    // What sounded before the fade was over was live too, not raw, which is positive.
    expect(Math.max(...bench.left)).toBeLessThanOrEqual(0);
    expect(bench.control.position).toBe(50_001 + bench.left.length - begin);
  });

  it('fades from raw to live and back at the same sample frame while it plays', async () => {
    const { bench, net } = liveBench(atUnity);
    bench.control.liveSession = 0;
    await bench.play(straight);
    await bench.run(20_480);
    expect(net.firsts).toEqual([]);
    expect(bench.left).toEqual(ramp(rawAt, 0, 20_480).map((value) => Math.fround(value)));
    bench.control.liveSession = 1;
    bench.control.levels = live;
    await bench.run(8192);
    expect(bench.left.slice(-2048)).toEqual(ramp(liveAt, 20_480 + 8192 - 2048, 20_480 + 8192));
    bench.control.levels = atUnity;
    await bench.run(2048);
    expect(bench.left.slice(-1024)).toEqual(ramp(rawAt, 30_720 - 1024, 30_720).map(Math.fround));
    expect(bench.largestStep()).toBeLessThan((2 * rawAt(30_720)) / fadeFrames);
  });

  it('begins with the past that lies in the ring when it is switched on while playing', async () => {
    const { bench, net } = liveBench(atUnity);
    bench.control.liveSession = 0;
    await bench.play(straight);
    await bench.run(50_048);
    bench.control.liveSession = 1;
    await bench.run(blockFrames);
    const first = Math.round((net.firsts[0] ?? 0) * 131_072) - 1;
    expect(first % hop).toBe(0);
    expect(50_048 - first).toBeGreaterThan(runUpSeconds * rate - hop);
  });

  it('fades to raw and then to a net that is chosen while another is heard', async () => {
    const { bench, net } = liveBench();
    await bench.play(straight);
    await bench.run(8192);
    const before = net.firsts.length;
    const other = new FakeNet(hop);
    bench.mixer.useLive(new LiveAhead(bench.control, other, rate, () => 0));
    await bench.run(8192);
    expect(net.firsts.length - before).toBeLessThanOrEqual(2);
    expect(other.firsts.length).toBeGreaterThan(10);
    expect(bench.control.liveStatus).toBe('ready');
    expect(bench.left.at(-1)).toBe(liveAt(bench.control.position - 1));
    const raw = bench.left.findLastIndex((value) => value > 0);
    expect(bench.left[raw - fadeFrames]).toBeGreaterThan(0);
    expect(bench.left.indexOf(0, 1024)).toBe(-1);
    expect(bench.largestStep()).toBeLessThan((2 * rawAt(16_384)) / fadeFrames);
  });

  it('computes at most sixteen times as fast as it is heard', async () => {
    const { bench, net } = liveBench();
    await bench.play({ ...straight, startFrame: 50_000 });
    for (let blocks = 0; blocks < 30; blocks++) {
      const before = net.firsts.length;
      await bench.run(blockFrames);
      expect(net.firsts.length - before).toBeLessThanOrEqual((16 * blockFrames) / hop);
    }
  });

  it('hears the strength as its share between raw and enhanced, and at 0 raw bit for bit', async () => {
    for (const liveStrength of [0, 0.3, 1]) {
      const { bench } = liveBench({ ...live, liveStrength });
      await bench.play(straight);
      const begin = await untilSounding(bench);
      await bench.run(4096);
      for (let i = 0; i < 4000; i++) {
        const expected = rawAt(i) + liveStrength * (liveAt(i) - rawAt(i));
        expect(Math.abs((bench.left[begin + i] ?? NaN) - expected)).toBeLessThan(
          liveStrength === 0 ? 1e-12 : 1e-7,
        );
      }
    }
  });

  it('gives raw bit for bit while the net computes along unheard, and switches at once', async () => {
    const { bench, net } = liveBench(atUnity);
    await bench.play(straight);
    await bench.run(10_240);
    expect(bench.left).toEqual(ramp(rawAt, 0, 10_240).map(Math.fround));
    expect(net.firsts.length).toBeGreaterThan(10);
    bench.control.levels = live;
    await bench.run(1024);
    expect(bench.left.slice(-512)).toEqual(ramp(liveAt, 11_264 - 512, 11_264));
  });

  it('plays raw backward and fast, says so, and comes back to live with the next normal play', async () => {
    const { bench } = liveBench();
    await bench.play({ ...straight, startFrame: 20_000, direction: -1 });
    await bench.run(4096);
    expect(bench.control.liveStatus).toBe('bypassed');
    expect(bench.left[1000]).toBe(Math.fround(rawAt(19_000)));
    bench.control.requestOrder({ ...straight, startFrame: 20_000, speed: 2 });
    await bench.run(4096);
    expect(bench.control.liveStatus).toBe('bypassed');
    expect(bench.left.at(-1)).toBeGreaterThan(rawAt(20_000));
    bench.control.requestOrder({ ...straight, startFrame: 20_000 });
    await bench.run(16_384);
    expect(bench.control.liveStatus).toBe('ready');
    expect(bench.left.at(-1)).toBe(liveAt(bench.control.position - 1));
  });

  it('stays enhanced through the joint of a loop', async () => {
    const { bench } = liveBench();
    await bench.play({ ...straight, startFrame: 10_000, loopStart: 10_000, loopEnd: 14_000 });
    const begin = await untilSounding(bench);
    await bench.run(4000 * 3);
    const dip = 130;
    for (let round = 1; round < 3; round++) {
      const at = begin + round * 4000 + dip;
      expect(bench.left.slice(at, at + 3700)).toEqual(ramp(liveAt, 10_000 + dip, 10_000 + dip + 3700));
    }
    expect(Math.max(...bench.left)).toBeLessThanOrEqual(0);
  });

  it.each([0, 100, 20_000])(
    'plays on from %i frames behind a loop, as raw does, run-up and all',
    async (behind) => {
      const { bench, net } = liveBench(live, { length: 120_000 });
      await bench.play({ ...straight, startFrame: 60_000 + behind, loopStart: 10_000, loopEnd: 60_000 });
      const begin = await untilSounding(bench);
      await bench.run(4096);
      const first = Math.round((net.firsts[0] ?? 0) * 131_072) - 1;
      expect(60_000 + behind - first).toBeGreaterThanOrEqual(runUpSeconds * rate);
      const from = 60_000 + behind + fadeFrames;
      expect(bench.left.slice(begin + fadeFrames, begin + fadeFrames + 3000)).toEqual(
        ramp(liveAt, from, from + 3000),
      );
    },
  );

  it('goes on enhanced at the right frame after the ring ran empty', async () => {
    const { bench } = liveBench();
    await bench.play(straight);
    await bench.fill();
    await bench.run(50_048, false);
    expect(bench.control.underruns).toBe(1);
    expect(bench.left.at(-1)).toBe(0);
    await bench.run(6144);
    expect(bench.left.at(-1)).toBe(liveAt(bench.control.position - 1));
    expect(bench.largestStep()).toBeLessThan((2 * rawAt(length)) / fadeFrames);
  });

  it('bears a seek every tenth of a second on a machine that bears the net', async () => {
    let now = 0;
    const net = new (class extends FakeNet {
      override processHop(input: readonly Float32Array[], output: readonly Float32Array[]): number {
        // A third of the 16 ms that a hop lasts.
        now += 5;
        return super.processHop(input, output);
      }
    })(hop);
    const { bench } = liveBench(live, { clockMs: () => now, length: 10 * rate }, net);
    await bench.play({ ...straight, startFrame: rate });
    for (let seeks = 0; seeks < 30; seeks++) {
      bench.control.requestOrder({ ...straight, startFrame: rate + seeks * 1000 });
      await bench.run(rate / 10);
      expect(bench.control.liveStatus).not.toBe('overloaded');
    }
    await bench.run(2 * rate);
    expect(bench.control.liveStatus).toBe('ready');
  });

  it('falls back to raw in a fade when the net takes too long, and tries again when it is switched on again', async () => {
    let now = 0;
    let costMs = 0;
    const net = new (class extends FakeNet {
      override processHop(input: readonly Float32Array[], output: readonly Float32Array[]): number {
        now += costMs;
        return super.processHop(input, output);
      }
    })(hop);
    const { bench } = liveBench(live, { clockMs: () => now, length: 10 * rate }, net);
    await bench.play(straight);
    await bench.run(rate);
    expect(bench.control.liveStatus).toBe('ready');
    // A hop lasts 16 ms.
    costMs = 8;
    await bench.run(2 * rate);
    expect(bench.control.liveStatus).toBe('overloaded');
    expect(bench.left.at(-1)).toBe(Math.fround(rawAt(bench.control.position - 1)));
    expect(bench.largestStep()).toBeLessThan((2 * rawAt(4 * rate)) / fadeFrames);
    const taken = net.firsts.length;
    await bench.run(rate);
    expect(net.firsts.length).toBe(taken);
    costMs = 1;
    bench.control.liveSession = 2;
    await bench.run(rate);
    expect(bench.control.liveStatus).toBe('ready');
    expect(bench.left.at(-1)).toBe(liveAt(bench.control.position - 1));
  });

  it('tells how much of the work the net takes, smoothed over half a second', async () => {
    const { bench, net } = liveBench();
    expect(bench.control.liveUsedShare).toBe(0);
    await bench.play(straight);
    await bench.run(2048);
    expect(bench.control.liveUsedShare).toBe(1);
    net.share = 0.25;
    await bench.run(rate / 2);
    const after = 0.25 + 0.75 * Math.exp(-1);
    expect(Math.abs(bench.control.liveUsedShare - after)).toBeLessThan(0.05);
  });

  it('begins the shown share anew each time it is switched on', async () => {
    const { bench, net } = liveBench();
    await bench.play(straight);
    await bench.run(2048);
    bench.control.liveSession = 0;
    await bench.run(blockFrames);
    net.share = 0.25;
    bench.control.liveSession = 2;
    await bench.run(blockFrames);
    expect(bench.control.liveUsedShare).toBe(0.25);
    bench.control.requestOrder({ ...straight, direction: -1, startFrame: 20_000 });
    await bench.run(blockFrames);
    bench.control.requestOrder({ ...straight, startFrame: 20_000 });
    await bench.run(blockFrames, false);
    expect(bench.control.liveUsedShare).toBe(0);
  });

  it('takes a net of one channel for a mono recording', async () => {
    const net = new FakeNet(hop, 1);
    const mono = {
      channels: 1,
      readRaw: async (start: number, frames: number) => Float32Array.from(ramp(rawAt, start, start + frames)),
    };
    const bench = new MixerBench({ ...mono, readResult: null }, live, { enhancer: net });
    bench.control.liveSession = 1;
    await bench.play(straight);
    const begin = await untilSounding(bench);
    await bench.run(4096);
    expect(bench.left.slice(begin, begin + 3000)).toEqual(ramp(liveAt, 0, 3000));
    expect(bench.right.slice(begin, begin + 3000)).toEqual(ramp(liveAt, 0, 3000));
  });
});
