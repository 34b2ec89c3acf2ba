import { openFrameEnhancer } from '../../../electron/engine/frame-kernel/frame-enhancer.js';
import type { FrameEnhancer } from '../../../electron/engine/frame-kernel/frame-enhancer.js';
import { ControlBlock } from './control-block.js';
import { LiveAhead } from './live-ahead.js';
import { MixerCore } from './mixer-core.js';
import { mixerProcessorName } from './mixer-options.js';
import type { LiveFailed, LiveNet, LiveWeights, MixerOptions } from './mixer-options.js';

// TypeScript has no library for the scope of worklets.
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(
  name: string,
  processor: new (options: { processorOptions: MixerOptions }) => AudioWorkletProcessor,
): void;

/** Nets by weights and channels: opening one takes longer than a block of sound, and the next recording can go on with it. */
const nets = new Map<string, FrameEnhancer>();

class MixerProcessor extends AudioWorkletProcessor {
  readonly #control: ControlBlock;
  readonly #core: MixerCore;
  readonly #options: MixerOptions;
  /** net that came while it played */
  #waiting: LiveNet | null = null;

  constructor({ processorOptions }: { processorOptions: MixerOptions }) {
    super();
    this.#options = processorOptions;
    this.#control = new ControlBlock(processorOptions.memory);
    this.#core = new MixerCore(this.#control, processorOptions.sampleRateHz, processorOptions.length);
    // Before any sound: opening takes longer than a block of it.
    if (processorOptions.liveNet) this.#openLive(processorOptions.liveNet);
    this.port.onmessage = (event: MessageEvent<LiveWeights>) => {
      this.#waiting = event.data.liveNet;
    };
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const atRest = !this.#control.play && !this.#control.sounding;
    // Weights that came late wait for a stop, and interrupt the sound only for a user who wants them now.
    if (this.#waiting && (atRest || this.#control.liveSession > 0)) {
      this.#openLive(this.#waiting);
      this.#waiting = null;
    }
    const [left, right] = outputs[0] ?? [];
    if (left && right) this.#core.process(left, right);
    return !this.#control.disposed || this.#control.sounding;
  }

  #openLive({ sha256, onnx }: LiveNet): void {
    const { sampleRateHz } = this.#options;
    // More channels lie folded to two in the ring.
    const channels = Math.min(2, this.#options.channels);
    try {
      const key = `${sha256} ${channels}`;
      const net = nets.get(key) ?? openFrameEnhancer({ onnx, sampleRateHz, channels });
      nets.set(key, net);
      // `performance` is missing in this scope; see WorkBudget.
      this.#core.useLive(new LiveAhead(this.#control, net, sampleRateHz, Date.now));
    } catch (error) {
      const failed: LiveFailed = { message: error instanceof Error ? error.message : String(error) };
      this.port.postMessage(failed);
    }
  }
}

registerProcessor(mixerProcessorName, MixerProcessor);
