import { AppError } from '../../../electron/contract/app-error.js';
import { ControlBlock, createPlayerMemory } from './control-block.js';
import type { FeedFailed, OpenFeed } from './feeder-worker.js';
import { runUpSeconds } from './live-ahead.js';
import { mixerProcessorName } from './mixer-options.js';
import type { LiveFailed, LiveNet, LiveWeights, MixerOptions } from './mixer-options.js';
import type { PlayableRendering } from './stretch-reader.js';
import feederUrl from './feeder-worker.ts?worker&url';
import mixerUrl from './mixer-worklet.ts?worker&url';

/** A recording that can be heard. */
export interface Playable {
  readonly sampleRateHz: number;
  readonly channels: number;
  /** sample frames */
  readonly length: number;
  readonly rawUrl: string;
  /** null while there is none */
  readonly rendering: PlayableRendering | null;
}

/** Where sound goes. The real one is {@link createAudioOutput}; tests pump the mixer themselves. */
export interface AudioOutput {
  /**
   * Connects a recording; the one before is faded out and let go. Sound begins with `control.play`.
   * @throws AppError INTERNAL when the system gives no audio output at this rate
   */
  open(playable: Playable): Promise<ControlBlock>;
  /** Takes the net for live monitoring, for this recording and all that follow, until another one is chosen. */
  useLiveWeights(net: LiveNet): void;
  /** Lets the recording go. */
  close(): void;
}

/** Who is told when something of an {@link AudioOutput} ends by itself. */
export interface OutputListeners {
  /** a playback copy cannot be read any more */
  readonly onFailure: (error: AppError) => void;
  /** the weights for live monitoring cannot be opened */
  readonly onLiveFailure: (message: string) => void;
}

/** Seconds buffered ahead; memory is this and {@link keptSeconds} x rate x 16 bytes, whatever the length of the recording. */
const bufferedSeconds = 2.5;

/** Seconds kept behind: the run-up of live monitoring, rounded up to whole hops, and one hop more. */
const keptSeconds = runUpSeconds + 0.06;

/** A recording that was let go fades for 10 ms; only then are its node and context taken away. */
const letGoMilliseconds = 120;

/** Opens an audio context at the recording's own rate, so that nothing is resampled before the system's output. */
export function createAudioOutput(listeners: OutputListeners): AudioOutput {
  let context: AudioContext | null = null;
  let node: AudioWorkletNode | null = null;
  let control: ControlBlock | null = null;
  let worker: Worker | null = null;
  let liveNet: LiveNet | null = null;

  function letGo(): void {
    const old = node;
    if (control) {
      control.play = false;
      control.dispose();
    }
    setTimeout(() => old?.disconnect(), letGoMilliseconds);
    node = null;
    control = null;
  }

  async function contextAt(sampleRateHz: number): Promise<AudioContext> {
    if (context?.sampleRate === sampleRateHz) return context;
    const old = context;
    context = null;
    setTimeout(() => void old?.close(), letGoMilliseconds);
    const fresh = new AudioContext({ sampleRate: sampleRateHz, latencyHint: 'interactive' });
    await fresh.audioWorklet.addModule(mixerUrl);
    context = fresh;
    return fresh;
  }

  function feed(open: OpenFeed): void {
    if (!worker) {
      worker = new Worker(feederUrl, { type: 'module', name: 'sotto-feeder' });
      worker.addEventListener('message', (event: MessageEvent<FeedFailed>) => {
        listeners.onFailure(new AppError('INTERNAL', event.data.message));
      });
    }
    worker.postMessage(open);
  }

  return {
    async open(playable) {
      letGo();
      try {
        const target = await contextAt(playable.sampleRateHz);
        const memory = createPlayerMemory(
          Math.ceil((bufferedSeconds + keptSeconds) * playable.sampleRateHz),
          Math.ceil(keptSeconds * playable.sampleRateHz),
        );
        const options: MixerOptions = {
          memory,
          sampleRateHz: playable.sampleRateHz,
          length: playable.length,
          channels: playable.channels,
          liveNet,
        };
        node = new AudioWorkletNode(target, mixerProcessorName, {
          numberOfInputs: 0,
          numberOfOutputs: 1,
          outputChannelCount: [2],
          processorOptions: options,
        });
        node.port.onmessage = (event: MessageEvent<LiveFailed>) => {
          listeners.onLiveFailure(event.data.message);
        };
        node.connect(target.destination);
        feed({
          memory,
          channels: playable.channels,
          length: playable.length,
          rawUrl: playable.rawUrl,
          rendering: playable.rendering,
        });
        if (target.state !== 'running') await target.resume();
        control = new ControlBlock(memory);
        return control;
      } catch (error) {
        const { message } = AppError.from(error);
        throw new AppError(
          'INTERNAL',
          `Expected an audio output at ${playable.sampleRateHz} Hz, found none (${message}). Check the system's sound settings.`,
        );
      }
    },
    useLiveWeights(net) {
      liveNet = net;
      const weights: LiveWeights = { liveNet: net };
      node?.port.postMessage(weights);
    },
    close() {
      letGo();
      const old = context;
      context = null;
      worker?.terminate();
      worker = null;
      setTimeout(() => void old?.close(), letGoMilliseconds);
    },
  };
}
