import { AppError } from '../../contract/app-error.js';
import type { ToolProcess } from './ffmpeg/tool-process.js';
import { spawnTool } from './ffmpeg/tool-process.js';
import type { WriterFormat } from './audio-writer.js';
import { layoutOf } from './output-channels.js';

/** Raw samples as ffmpeg names them. */
export type RawFormat = 's16le' | 's24le' | 'f32le';

/** Nothing of the time, the host or the tool's version may reach the result, and nothing but the one audio stream. */
const neutralArguments = [
  '-map',
  '0:a:0',
  '-map_metadata',
  '-1',
  '-fflags',
  '+bitexact',
  '-flags:a',
  '+bitexact',
];

/** An ffmpeg that encodes raw samples fed to it; what it produces is handed on as it comes. */
export class EncoderChild {
  readonly #tool: ToolProcess;
  readonly #output: Promise<void>;
  #outputError: Error | null = null;

  private constructor(tool: ToolProcess, onOutput: (bytes: Buffer) => Promise<void>) {
    this.#tool = tool;
    this.#output = this.#pump(onOutput);
  }

  /**
   * @param raw        how the samples that will be written are stored, interleaved
   * @param codec      ffmpeg's output arguments: codec, its settings, and the format
   * @param onOutput   called with the encoded bytes in order, one call at a time; ffmpeg waits for it
   * @throws AppError TOOL_MISSING, TOOL_FAILED, CANCELLED
   */
  static async start(
    stream: WriterFormat,
    raw: RawFormat,
    codec: readonly string[],
    onOutput: (bytes: Buffer) => Promise<void>,
    signal: AbortSignal,
  ): Promise<EncoderChild> {
    const channels = String(stream.channels);
    const layout = layoutOf(stream.channels);
    const input = ['-f', raw, '-ar', String(stream.sampleRateHz), '-ac', channels];
    if (layout !== null) input.push('-channel_layout', layout.name);
    const tool = await spawnTool(
      'ffmpeg',
      [...input, '-i', 'pipe:0', ...neutralArguments, ...codec, 'pipe:1'],
      { input: 'pipe', signal },
    );
    return new EncoderChild(tool, onOutput);
  }

  /** Feeds samples; waits while ffmpeg is busy. `bytes` may be reused once it resolves. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#tool.write(bytes);
    } catch (error) {
      throw this.#outputError ?? error;
    }
  }

  /** Tells ffmpeg that its input is complete and waits until the last of its output has been handed on. */
  async finish(): Promise<void> {
    this.#tool.endInput();
    await this.#output;
    if (this.#outputError !== null) throw this.#outputError;
    await this.#tool.succeed();
  }

  /** Ends ffmpeg and waits until it is gone; safe at any time and more than once. */
  async close(): Promise<void> {
    this.#tool.kill();
    await this.#output;
    await this.#tool.exit;
  }

  /** Never rejects: a failure, for example of a full disk, is kept for the next `write` or `finish`. */
  async #pump(onOutput: (bytes: Buffer) => Promise<void>): Promise<void> {
    try {
      for await (const bytes of this.#tool.stdout as AsyncIterable<Buffer>) await onOutput(bytes);
    } catch (error) {
      this.#outputError = error instanceof Error ? error : AppError.from(error);
      this.#tool.kill();
    }
  }
}
