import type { ModelHost, ModelIdentity } from '../models/model-host.js';
import type { ManifestOf } from '../models/model-manifest.js';
import { filterBins } from '../dsp/source-filter.js';
import { transpose } from '../dsp/spectrum.js';
import { ContextChunks, type ContextChunk } from './context-chunks.js';
import { ModelRuns } from './model-runs.js';
import type { Clarity, VoiceCodebooks, VoiceCodes, VoiceFrame } from './voice-codebooks.js';
import type { TargetVoice } from './voice-mixture.js';
import type { VoiceModels } from './voice-models.js';
import { VoiceSound } from './voice-sound.js';

/** Wanted codes of one run, 2 s, all said with the voice of the first. */
export const chunkCodes = 100;
/** Codes that are held back at least: a recording may end up to 3 filter frames before its last code does. */
const leastContextCodes = 2;
/**
 * Natural logarithms of magnitudes stay below this: 104 dB above the level that a voice is trained at, where no voice goes and float32 is
 * far from its end (88). What a net says above would be Infinity.
 */
const highestLogMagnitude = 12;

/** What is to be said in 20 ms: codes, or z as well, and F0 in Hz of both halves, 0 where unvoiced. */
export type SpokenFrame = VoiceCodes &
  Partial<VoiceFrame> & {
    readonly f0Hz: readonly [number, number];
    /** who says it, [voice size], in place of the voice of the options; heard at the next multiple of 2 s only */
    readonly voice?: Float32Array | undefined;
  };

/** What a {@link VoiceSynthesis} is opened with. */
export interface VoiceSynthesisOptions {
  readonly models: ModelHost;
  /** see `findVoiceModels` */
  readonly found: VoiceModels;
  /** those of the encoder, see `VoiceEncoder.codebooks` and `VoiceCodebooks.read` */
  readonly codebooks: VoiceCodebooks;
  readonly sampleRateHz: number;
  readonly voice: TargetVoice;
  /** what is let through of every frame */
  readonly clarity: Clarity;
  readonly signal: AbortSignal;
  /** of the noise between and in voiced sounds; 32 bits, not 0 */
  readonly noiseSeed: number;
}

/**
 * Speaks: frames of what is said and how high, 50 a second, to samples at any rate, mono, at about rms 1 where somebody speaks.
 * Frame k is centred on k * 20 ms. What the net says of a magnitude is clamped to e^12, so that samples are finite. Samples come up to about 4.5 s after their frames. The result does not depend on how the frames are cut,
 * and memory does not grow.
 */
export class VoiceSynthesis {
  readonly #options: VoiceSynthesisOptions;
  readonly #manifest: ManifestOf<'voice-synthesis'>;
  readonly #chunks: ContextChunks;
  readonly #runs: ModelRuns<ContextChunk>;
  readonly #sound: VoiceSound;
  /** z, then F0 in Hz of both halves, then the voice */
  readonly #rowSize: number;
  #pushed = 0;

  private constructor(options: VoiceSynthesisOptions, runs: ModelRuns<ContextChunk>, sound: VoiceSound) {
    this.#options = options;
    this.#manifest = options.found.synthesis;
    this.#rowSize = options.codebooks.size + 2 + options.voice.vector.length;
    const context = Math.max(leastContextCodes, this.#manifest.contextFrames);
    this.#chunks = new ContextChunks(this.#rowSize, context, chunkCodes);
    this.#runs = runs;
    this.#sound = sound;
  }

  /** @throws AppError MODEL_NOT_FOUND, MODEL_CHECKSUM_MISMATCH, MODEL_FAILED */
  static async open(options: VoiceSynthesisOptions): Promise<VoiceSynthesis> {
    const { models, found, sampleRateHz, signal, noiseSeed } = options;
    const { id, outputs } = found.synthesis;
    const session = await models.open(id, found.synthesisLevel);
    const runs = new ModelRuns<ContextChunk>(session, outputs[0]?.name ?? 'filters', signal);
    try {
      return new VoiceSynthesis(options, runs, await VoiceSound.open(sampleRateHz, noiseSeed));
    } catch (error) {
      runs.close();
      throw error;
    }
  }

  /** Which weights speak. */
  get model(): ModelIdentity {
    return this.#runs.model;
  }

  /**
   * @param frames  the next ones, in order; not kept
   * @returns the samples that are ready; a new array
   * @throws AppError CANCELLED, MODEL_FAILED; INVALID_ARGUMENT as `VoiceCodebooks.said`
   */
  async push(frames: readonly SpokenFrame[]): Promise<Float32Array> {
    this.#runs.throwIfEnded();
    const { codebooks, clarity, voice } = this.#options;
    const parts: Float32Array[] = [];
    for (const frame of frames) {
      const row = this.#chunks.nextRow();
      codebooks.said(frame, clarity, row.subarray(0, codebooks.size));
      row.set(frame.f0Hz, codebooks.size);
      row.set(frame.voice ?? voice.vector, codebooks.size + 2);
      if (this.#chunks.ready) this.#speak(await this.#submit(this.#chunks.take()), Infinity, parts);
    }
    return joined(parts);
  }

  /**
   * @param samples  how many there are to be in all; the frames pushed must cover them, as those of the encoder do
   * @returns those that were not given yet; only `close` may follow
   * @throws as {@link push}; RangeError when there are too few frames
   */
  async finish(samples: number): Promise<Float32Array> {
    this.#runs.throwIfEnded();
    const frames = this.#sound.framesFor(samples);
    const parts: Float32Array[] = [];
    const rest = this.#chunks.takeRest();
    if (rest) this.#speak(await this.#submit(rest), frames, parts);
    this.#speak(await this.#runs.drain(), frames, parts);
    if (this.#pushed < frames) {
      throw new RangeError(`Expected ${frames} filter frames for ${samples} samples, found ${this.#pushed}.`);
    }
    parts.push(this.#sound.finish(samples));
    return joined(parts);
  }

  /** Frees everything; may be called at any time and more than once. */
  close(): void {
    this.#runs.close();
    this.#sound.close();
  }

  #submit(chunk: ContextChunk): Promise<[ContextChunk, Float32Array] | null> {
    const { frames, rows, before } = chunk;
    const { size } = this.#options.codebooks;
    const columns = transpose(rows, frames, this.#rowSize);
    const { pitchCentreOctaves, modes } = this.#manifest;
    const pitch = new Float32Array(4 * frames);
    for (let t = 0; t < 2 * frames; t++) {
      const f0Hz = columns[(size + (t % 2)) * frames + (t >> 1)]!;
      pitch[t] = f0Hz > 0 ? Math.log2(f0Hz) - pitchCentreOctaves : 0;
      pitch[2 * frames + t] = f0Hz > 0 ? 1 : 0;
    }
    const { clarity } = this.#options;
    // Copied: the buffers of inputs are given away.
    const voice = rows.slice(before * this.#rowSize + size + 2, (before + 1) * this.#rowSize);
    const inputs = {
      z: { shape: [1, size, frames], data: columns.slice(0, size * frames) },
      pitch: { shape: [1, 2, 2 * frames], data: pitch },
      voice: { shape: [1, voice.length], data: voice },
      mode: {
        shape: [1, modes.length],
        data: Float32Array.from(modes, (mode) => (mode === clarity ? 1 : 0)),
      },
    };
    return this.#runs.submit(inputs, 3 * filterBins * 2 * frames, chunk);
  }

  /** @param frames  filter frames that are wanted in all: the last code may reach beyond the end */
  #speak(done: [ContextChunk, Float32Array] | null, frames: number, parts: Float32Array[]): void {
    if (!done) return;
    const [{ frames: codes, before, wanted, rows }, values] = done;
    const filters = transpose(values, 3 * filterBins, 2 * codes);
    clampMagnitudes(filters);
    const { size } = this.#options.codebooks;
    for (let t = 2 * before; t < 2 * (before + wanted) && this.#pushed < frames; t++) {
      const f0Hz = rows[(t >> 1) * this.#rowSize + size + (t % 2)]!;
      parts.push(this.#sound.push(f0Hz, filters.subarray(t * 3 * filterBins, (t + 1) * 3 * filterBins)));
      this.#pushed++;
    }
  }
}

/** @param filters  frames of log magnitude, phase and log magnitude, 480 each; changed */
function clampMagnitudes(filters: Float32Array): void {
  for (let i = 0; i < filters.length; i++) {
    const isPhase = Math.floor(i / filterBins) % 3 === 1;
    if (!isPhase && filters[i]! > highestLogMagnitude) filters[i] = highestLogMagnitude;
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
