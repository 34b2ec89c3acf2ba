import type { Finding } from '../../contract/audio-format.js';
import { frameCount, type Planar } from '../dsp/planar.js';
import { PlanarQueue } from '../dsp/planar-queue.js';
import type { ModelIdentity } from '../models/model-host.js';
import type { Processor } from './processor.js';

/**
 * Dry/wet over any processor: result = (1 - strength) * given + strength * processed, of aligned sample frames.
 * @param processor  owned from here on: closed with the result
 * @param strength   above 0 (a stage at 0 is not opened), up to 1, where `processor` itself is returned
 * @throws RangeError outside of that
 */
export function withStrength(processor: Processor, strength: number, channels: number): Processor {
  if (!(strength > 0 && strength <= 1)) {
    throw new RangeError(`Expected a strength above 0 and up to 1, found ${strength}.`);
  }
  return strength === 1 ? processor : new DryWetProcessor(processor, strength, channels);
}

class DryWetProcessor implements Processor {
  readonly #processor: Processor;
  readonly #strength: number;
  readonly #dry: PlanarQueue;

  constructor(processor: Processor, strength: number, channels: number) {
    this.#processor = processor;
    this.#strength = strength;
    this.#dry = new PlanarQueue(channels);
  }

  get models(): readonly ModelIdentity[] {
    return this.#processor.models;
  }

  get findings(): readonly Finding[] {
    return this.#processor.findings ?? [];
  }

  get countedFindings(): readonly Finding[] {
    return this.#processor.countedFindings ?? [];
  }

  async process(block: Planar): Promise<Planar> {
    this.#dry.push(block);
    return this.#mix(await this.#processor.process(block));
  }

  async flush(): Promise<Planar> {
    return this.#mix(await this.#processor.flush());
  }

  close(): void {
    this.#processor.close();
  }

  #mix(wet: Planar): Planar {
    const dry = this.#dry.take(frameCount(wet));
    const wetGain = this.#strength;
    const dryGain = 1 - wetGain;
    wet.forEach((samples, channel) => {
      const original = dry[channel]!;
      for (let n = 0; n < samples.length; n++) samples[n] = dryGain * original[n]! + wetGain * samples[n]!;
    });
    return wet;
  }
}
