import { basename } from 'node:path';
import { AppError } from '../../../contract/app-error.js';
import type { AudioFacts, Finding } from '../../../contract/audio-format.js';
import { frameCount, type Planar, type PlanarSamples } from '../../dsp/planar.js';
import type { AudioReader, Precision } from '../audio-reader.js';
import { inputArguments } from '../ffmpeg/input-arguments.js';
import { throwIfAborted } from '../abort.js';
import { spawnTool, type ToolExit, type ToolProcess } from '../ffmpeg/tool-process.js';
import { BlockAssembler, type PlanarOf } from './block-assembler.js';
import { cutTail, maxPaddingFrames } from './cut-tail.js';
import { decoderWords } from './decoder-words.js';
import { probe, type ProbedInput } from './probe.js';
import { SampleSurvey } from './sample-survey.js';

/** How to open a recording. */
export interface OpenOptions<P extends Precision = Precision> {
  /** see `exactPrecision` for the one that changes nothing */
  readonly precision: P;
  readonly signal?: AbortSignal | undefined;
  /** true: NaN and infinities become 0; false (the default): they pass as they are. Both are counted in the findings. */
  readonly replaceNonFinite?: boolean;
}

/** A reader over a file, which may know better than the header how long it is going to take. */
export interface FileReader<Block extends PlanarSamples = Planar> extends AudioReader<Block> {
  /** sample frames for progress and ETA only; null when nobody can tell */
  readonly estimatedSampleFrames: number | null;
}

/**
 * Opens a recording for streaming. Nothing is decoded before `blocks()` is iterated.
 * @param input  a path, or what `probe` said about it
 * @returns a reader; the caller closes it
 * @throws AppError as `probe` does
 */
export function openReader(input: string | ProbedInput, options: OpenOptions<'float32'>): Promise<FileReader>;
export function openReader(
  input: string | ProbedInput,
  options: OpenOptions<'float64'>,
): Promise<FileReader<Float64Array[]>>;
export function openReader(
  input: string | ProbedInput,
  options: OpenOptions,
): Promise<FileReader<PlanarSamples>>;
export async function openReader(
  input: string | ProbedInput,
  options: OpenOptions,
): Promise<FileReader<PlanarSamples>> {
  const probed = typeof input === 'string' ? await probe(input, options.signal) : input;
  throwIfAborted(options.signal);
  return new FfmpegReader(probed, options);
}

class FfmpegReader<P extends Precision> implements FileReader<PlanarOf<P>> {
  readonly facts: AudioFacts;
  readonly estimatedSampleFrames: number | null;
  readonly #probed: ProbedInput;
  readonly #options: OpenOptions<P>;
  readonly #survey: SampleSurvey;
  readonly #findings: Finding[];
  #decoder: ToolProcess | null = null;
  #started = false;
  #closed = false;

  constructor(probed: ProbedInput, options: OpenOptions<P>) {
    this.#probed = probed;
    this.#options = options;
    this.facts = probed.facts;
    this.estimatedSampleFrames = probed.estimatedSampleFrames;
    this.#findings = [...probed.findings];
    const isInteger = probed.facts.lossless && !probed.facts.codec.startsWith('pcm_f');
    this.#survey = new SampleSurvey({
      integerBits: isInteger ? probed.facts.bitsPerSample : null,
      replaceNonFinite: options.replaceNonFinite ?? false,
    });
  }

  get findings(): readonly Finding[] {
    return this.#findings;
  }

  async *blocks(blockFrames: number): AsyncGenerator<PlanarOf<P>> {
    if (!Number.isInteger(blockFrames) || blockFrames < 1) {
      throw new AppError(
        'INVALID_ARGUMENT',
        `Expected blocks of 1 or more sample frames, found ${blockFrames}.`,
      );
    }
    if (this.#started) throw new AppError('INTERNAL', 'A reader gives its blocks once; open another one.');
    this.#started = true;
    this.#throwIfStopped();
    // ffmpeg would take whatever follows an empty WAV data chunk for sound.
    if (this.facts.container === 'wav' && this.facts.declaredSampleFrames === 0) throw this.#noSamples();
    const decoder = await spawnTool('ffmpeg', decoderArguments(this.#probed, this.#options.precision), {
      signal: this.#options.signal,
    });
    this.#decoder = decoder;
    try {
      this.#throwIfStopped();
      const assembler = new BlockAssembler(this.#options.precision, this.facts.channels, blockFrames);
      let decodedFrames = 0;
      const accept = (block: PlanarOf<P>): PlanarOf<P> => {
        this.#survey.look(block);
        decodedFrames += frameCount(block);
        return block;
      };
      for await (const bytes of this.#bytes(decoder)) {
        for (const block of assembler.push(bytes)) {
          yield accept(block);
          this.#throwIfStopped();
        }
      }
      const rest = assembler.rest();
      if (rest !== null) yield accept(rest);
      this.#throwIfStopped();
      this.#conclude(decodedFrames, await decoder.exit, decoder.errorText());
    } catch (error) {
      // A killed decoder breaks its pipe; what the caller asked for is the better answer.
      this.#throwIfStopped();
      throw error;
    } finally {
      decoder.kill();
    }
  }

  close(): void {
    this.#closed = true;
    this.#decoder?.kill();
  }

  #throwIfStopped(): void {
    throwIfAborted(this.#options.signal);
    if (this.#closed) throw new AppError('CANCELLED', 'The recording was closed before its end.');
  }

  #bytes(decoder: ToolProcess): AsyncIterable<Buffer> {
    const chunks = decoder.stdout as AsyncIterable<Buffer>;
    const { cutAtSampleFrames } = this.#probed;
    if (cutAtSampleFrames === null) return chunks;
    const frameBytes = this.facts.channels * (this.#options.precision === 'float32' ? 4 : 8);
    return cutTail(chunks, cutAtSampleFrames * frameBytes, maxPaddingFrames * frameBytes);
  }

  #conclude(decodedFrames: number, exit: ToolExit, errorText: string): void {
    const { path, missingToleranceFrames } = this.#probed;
    const words = decoderWords(errorText, path);
    if (exit.signalName !== null) {
      throw new AppError(
        'TOOL_FAILED',
        `Expected ffmpeg to decode "${basename(path)}" to its end, found that it was ended by ${exit.signalName}. ` +
          'Close other programs and try again.',
      );
    }
    if (decodedFrames === 0) throw this.#nothingDecoded(exit, words);
    if (words !== '' || exit.code !== 0) {
      this.#findings.push({
        code: 'DECODE_ERRORS',
        message:
          `Expected undamaged sound, found parts that do not decode (${words || `status ${exit.code}`}). ` +
          'They are missing or disturbed in the result.',
      });
    }
    const declared = this.facts.declaredSampleFrames;
    if (declared !== null && decodedFrames < declared - missingToleranceFrames) {
      this.#findings.push({
        code: 'TRUNCATED',
        message:
          `Expected ${declared} sample frames, found ${decodedFrames}: ` +
          `${((declared - decodedFrames) / this.facts.sampleRateHz).toFixed(3)} seconds are missing. ` +
          'If there is a longer copy, use that one.',
      });
    }
    this.#findings.push(...this.#survey.findings());
  }

  #nothingDecoded(exit: ToolExit, words: string): AppError {
    const name = basename(this.#probed.path);
    if (exit.code !== 0 || words !== '' || (this.facts.declaredSampleFrames ?? 0) > 0) {
      return new AppError(
        'INPUT_DAMAGED',
        `Expected sound in "${name}", found nothing that decodes${words === '' ? '' : ` (${words})`}. ` +
          'Copy it again from where it was recorded.',
      );
    }
    return this.#noSamples();
  }

  #noSamples(): AppError {
    const name = basename(this.#probed.path);
    return new AppError(
      'INPUT_NO_SAMPLES',
      `Expected sound in "${name}", found a valid file without a single sample. Check that recording had begun.`,
    );
  }
}

function decoderArguments(probed: ProbedInput, precision: Precision): string[] {
  const sampleFormat = precision === 'float32' ? 'f32le' : 'f64le';
  // Streams may change their format half way; these two keep what comes out as the facts say. No filter is active otherwise.
  const layout = probed.channelLayout === null ? '' : `:channel_layouts=${probed.channelLayout}`;
  return [
    ...inputArguments(probed.path),
    '-map',
    '0:a:0',
    '-af',
    `aformat=sample_rates=${probed.facts.sampleRateHz}${layout}`,
    '-c:a',
    `pcm_${sampleFormat}`,
    '-f',
    sampleFormat,
    'pipe:1',
  ];
}
