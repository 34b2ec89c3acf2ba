import type { FrameEnhancer } from '../../../electron/engine/frame-kernel/frame-enhancer.js';
import { ControlBlock, createPlayerMemory } from './control-block.js';
import type { MixLevels } from './control-block.js';
import { Feeder } from './feeder.js';
import type { FeederSources } from './feeder.js';
import { LiveAhead } from './live-ahead.js';
import { MixerCore } from './mixer-core.js';
import type { PlayOrder } from './play-order.js';

/** Of the recording that {@link rawAt} and {@link resultAt} describe. */
export const rate = 48_000;
/** sample frames */
export const length = 60_000;
/** What Chromium asks a worklet for. */
export const blockFrames = 128;
/** From the beginning to the end. */
export const straight: PlayOrder = { startFrame: 0, direction: 1, speed: 1, loopStart: 0, loopEnd: 0 };
/** Raw, unchanged. */
export const atUnity: MixLevels = {
  side: 0,
  strengthRatio: 1,
  rawGain: 1,
  resultGain: 1,
  volume: 1,
  live: 0,
  liveStrength: 1,
};

/** A ramp tells by its value which sample frame is heard; small enough to be exact in float32. */
export const rawAt = (frame: number): number => (frame + 1) / 131_072;
/** Another ramp, of the other sign. */
export const resultAt = (frame: number): number => -(frame + 1) / 262_144;

const ringFrames = 32_768;

function stereo(at: (frame: number) => number, start: number, frames: number): Float32Array {
  return Float32Array.from({ length: frames * 2 }, (_, i) => at(start + (i >> 1)) * (i % 2 === 0 ? 1 : -1));
}

/** What of a bench is other than usual. */
export interface BenchOptions {
  readonly enhancer?: FrameEnhancer;
  readonly sampleRateHz?: number;
  readonly length?: number;
  readonly clockMs?: () => number;
}

/** Feeder, ring and mixer without threads; what is heard lands in `left` and `right`. */
export class MixerBench {
  readonly control: ControlBlock;
  readonly mixer: MixerCore;
  readonly feeder: Feeder;
  readonly left: number[] = [];
  readonly right: number[] = [];

  constructor(sources: Partial<FeederSources> = {}, levels: MixLevels = atUnity, options: BenchOptions = {}) {
    const { enhancer, sampleRateHz = rate, clockMs = () => 0 } = options;
    const kept = enhancer ? sampleRateHz : 0;
    this.control = new ControlBlock(createPlayerMemory(ringFrames + kept, kept));
    this.control.levels = levels;
    const live = enhancer ? new LiveAhead(this.control, enhancer, sampleRateHz, clockMs) : null;
    const frames = options.length ?? length;
    this.mixer = new MixerCore(this.control, sampleRateHz, frames, live);
    this.feeder = new Feeder(this.control, {
      channels: 2,
      length: frames,
      readRaw: async (start, count) => stereo(rawAt, start, count),
      readResult: async (start, count) => stereo(resultAt, start, count),
      ...sources,
    });
  }

  async fill(): Promise<void> {
    while (await this.feeder.step());
  }

  /** Runs the mixer for whole blocks, feeding in between as the worker would. */
  async run(frames: number, feed = true): Promise<void> {
    for (let done = 0; done < frames; done += blockFrames) {
      if (feed) await this.fill();
      const left = new Float32Array(blockFrames);
      const right = new Float32Array(blockFrames);
      this.mixer.process(left, right);
      this.left.push(...left);
      this.right.push(...right);
    }
  }

  /** Runs until the order sounds, and forgets what was heard before its first sample frame. */
  async play(order: PlayOrder): Promise<void> {
    this.control.requestOrder(order);
    this.control.play = true;
    await this.run(blockFrames);
    this.left.length = 0;
    this.right.length = 0;
  }

  largestStep(): number {
    return this.left.reduce(
      (most, value, i) => (i === 0 ? 0 : Math.max(most, Math.abs(value - (this.left[i - 1] ?? 0)))),
      0,
    );
  }
}
