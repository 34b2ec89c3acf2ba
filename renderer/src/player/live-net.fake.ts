import type { FrameEnhancer } from '../../../electron/engine/frame-kernel/frame-enhancer.js';

/** An enhancer that turns the sign over and halves: what is heard tells whether it was enhanced, and which frame it is. */
export class FakeNet implements FrameEnhancer {
  readonly channels: number;
  readonly hopSamples: number;
  readonly latencySamples: number;
  /** share of work that it says it took */
  share = 1;
  /** first left sample of every hop taken since the last reset */
  firsts: number[] = [];
  resets = 0;
  readonly #before: Float32Array[];
  readonly #now: Float32Array;

  constructor(hopSamples = 768, channels = 2) {
    this.channels = channels;
    this.hopSamples = hopSamples;
    this.latencySamples = hopSamples;
    this.#before = Array.from({ length: channels }, () => new Float32Array(hopSamples));
    this.#now = new Float32Array(hopSamples);
  }

  processHop(input: readonly Float32Array[], output: readonly Float32Array[]): number {
    this.firsts.push(input[0]?.[0] ?? 0);
    this.#before.forEach((before, channel) => {
      this.#now.set(input[channel]!);
      for (let i = 0; i < this.hopSamples; i++) output[channel]![i] = enhancedFrom(before[i]!);
      before.set(this.#now);
    });
    return this.share;
  }

  reset(): void {
    this.resets++;
    this.firsts = [];
    for (const before of this.#before) before.fill(0);
  }
}

/** @returns what the fake net makes of a sample */
export function enhancedFrom(sample: number): number {
  return -sample / 2;
}
