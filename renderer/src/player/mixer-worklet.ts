import { ControlBlock } from './control-block.js';
import { MixerCore } from './mixer-core.js';
import { mixerProcessorName } from './mixer-options.js';
import type { MixerOptions } from './mixer-options.js';

// TypeScript has no library for the scope of worklets.
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(
  name: string,
  processor: new (options: { processorOptions: MixerOptions }) => AudioWorkletProcessor,
): void;

class MixerProcessor extends AudioWorkletProcessor {
  readonly #control: ControlBlock;
  readonly #core: MixerCore;

  constructor({ processorOptions }: { processorOptions: MixerOptions }) {
    super();
    this.#control = new ControlBlock(processorOptions.memory);
    this.#core = new MixerCore(this.#control, processorOptions.sampleRateHz, processorOptions.length);
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const [left, right] = outputs[0] ?? [];
    if (left && right) this.#core.process(left, right);
    return !this.#control.disposed || this.#control.sounding;
  }
}

registerProcessor(mixerProcessorName, MixerProcessor);
