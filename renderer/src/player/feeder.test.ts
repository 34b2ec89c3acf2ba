import { afterEach, describe, expect, it, vi } from 'vitest';
import { ControlBlock, createPlayerMemory } from './control-block.js';
import { Feeder, rangeReader } from './feeder.js';
import type { PlayOrder } from './play-order.js';

const order: PlayOrder = { startFrame: 0, direction: 1, speed: 1, loopStart: 0, loopEnd: 0 };
const ringFrames = 16_384;
const memoryFrames = 1_000_000;

afterEach(() => {
  vi.unstubAllGlobals();
});

function setUp(length = memoryFrames) {
  const control = new ControlBlock(createPlayerMemory(ringFrames));
  const readRaw = vi.fn(async (_start: number, frames: number) => new Float32Array(frames));
  return {
    control,
    readRaw,
    feeder: new Feeder(control, { channels: 1, length, readRaw, readResult: null }),
  };
}

describe('Feeder', () => {
  it('does nothing before the mixer has adopted an order', async () => {
    const { feeder, readRaw } = setUp();
    expect(await feeder.step()).toBe(false);
    expect(readRaw).not.toHaveBeenCalled();
  });

  it('never writes over frames that are not heard yet', async () => {
    const { control, feeder } = setUp();
    control.adopt(1, order);
    while (await feeder.step());
    expect(control.filledFor(1)).toBeLessThanOrEqual(ringFrames);
    expect(control.filledFor(1)).toBeGreaterThan(ringFrames / 2);
    control.readCount = 8000;
    while (await feeder.step());
    expect(control.filledFor(1) - 8000).toBeLessThanOrEqual(ringFrames);
  });

  it('asks for whole sample frames whatever the length of the ring', async () => {
    const readRaw = vi.fn(async (_start: number, frames: number) => new Float32Array(frames));
    // 2.5 s at 22.05 kHz, which is where this once failed.
    const control = new ControlBlock(createPlayerMemory(55_125));
    const feeder = new Feeder(control, { channels: 1, length: memoryFrames, readRaw, readResult: null });
    control.adopt(1, order);
    while (await feeder.step());
    expect(readRaw.mock.calls.length).toBeGreaterThan(2);
    expect(
      readRaw.mock.calls.every(([start, frames]) => Number.isInteger(start) && Number.isInteger(frames)),
    ).toBe(true);
  });

  it('says where the recording ends', async () => {
    const { control, feeder } = setUp(5000);
    control.adopt(1, order);
    while (await feeder.step());
    expect(control.filledFor(1)).toBe(5000);
    expect(control.feedEndedFor(1)).toBe(true);
  });

  it('drops what it has read when the mixer has gone elsewhere meanwhile', async () => {
    const { control, feeder, readRaw } = setUp();
    readRaw.mockImplementationOnce(async (_start, frames) => {
      control.adopt(2, { ...order, startFrame: 500 });
      return new Float32Array(frames).fill(1);
    });
    control.adopt(1, order);
    await feeder.step();
    expect(control.filledFor(2)).toBe(0);
    expect(control.ring.every((value) => value === 0)).toBe(true);
    await feeder.step();
    expect(readRaw.mock.calls[1]?.[0]).toBe(500);
  });

  it('ends when the recording is closed', async () => {
    const { control, feeder } = setUp();
    const running = feeder.run();
    control.dispose();
    await expect(running).resolves.toBeUndefined();
  });
});

describe('rangeReader', () => {
  const { signal } = new AbortController();

  it('asks for exactly the bytes of the sample frames', async () => {
    const samples = Float32Array.of(1, 2, 3, 4);
    const fetched = vi.fn(async () => new Response(samples.buffer, { status: 206 }));
    vi.stubGlobal('fetch', fetched);
    expect([...(await rangeReader('fake://pcm', 2)(10, 2, signal))]).toEqual([1, 2, 3, 4]);
    expect(fetched).toHaveBeenCalledWith('fake://pcm', { signal, headers: { Range: 'bytes=80-95' } });
  });

  it('refuses an answer that is missing or of another length', async () => {
    vi.stubGlobal('fetch', async () => new Response(null, { status: 404 }));
    await expect(rangeReader('fake://pcm', 2)(0, 2, signal)).rejects.toThrow('404');
    vi.stubGlobal('fetch', async () => new Response(new ArrayBuffer(8), { status: 206 }));
    await expect(rangeReader('fake://pcm', 2)(0, 2, signal)).rejects.toThrow('Expected 16 bytes');
  });
});
