import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { AppError } from '../../../contract/app-error.js';
import { throwIfAborted } from '../abort.js';
import { findTool, type ToolName } from './find-tool.js';
import { TextTail } from './text-tail.js';

/** How a program ended. */
export interface ToolExit {
  /** exit status; null when a signal ended it */
  readonly code: number | null;
  /** the signal that ended it, e.g. SIGKILL after `kill()` */
  readonly signalName: NodeJS.Signals | null;
}

/**
 * A running ffmpeg or ffprobe. Who starts it closes it: call `kill()` in a `finally`; it does nothing once the program has ended.
 */
export interface ToolProcess {
  /** What the program writes; reading slowly makes it wait. Destroyed by `kill()`. */
  readonly stdout: Readable;
  /** Settles when the program has ended and all its pipes are closed; never rejects. */
  readonly exit: Promise<ToolExit>;
  /**
   * Feeds the program; resolves when its pipe takes more, so awaiting it bounds memory.
   * `bytes` must not be changed before that.
   * @throws AppError TOOL_FAILED when the program has ended, CANCELLED after an abort
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Tells the program that its input is complete. */
  endInput(): void;
  /** What the program said on stderr: the first and the last few kilobytes, with paths as ffmpeg prints them. */
  errorText(): string;
  /** Waits for the end. @throws AppError TOOL_FAILED with the last words when the status is not 0, CANCELLED after an abort */
  succeed(): Promise<void>;
  /** Ends the program at once; safe at any time and more than once. */
  kill(): void;
}

/** @see spawnTool */
export interface SpawnOptions {
  /** aborting kills the program at once */
  readonly signal?: AbortSignal | undefined;
  /** `pipe` when the program is fed by `write`; default `ignore`: it sees an empty input */
  readonly input?: 'pipe' | 'ignore';
}

/**
 * Starts ffmpeg or ffprobe with piped standard streams: no shell, no console, no questions (`-nostdin`), errors only.
 *
 * An encoder is fed like this:
 * ```ts
 * const encoder = await spawnTool('ffmpeg', ['-f', 'f32le', '-ar', '48000', '-ac', '2', '-i', 'pipe:0', ..., 'pipe:1'], { input: 'pipe', signal });
 * try {
 *   await encoder.write(bytes); // again and again, while somebody reads encoder.stdout
 *   encoder.endInput();
 *   await encoder.succeed();
 * } finally {
 *   encoder.kill();
 * }
 * ```
 * A program whose stdout nobody reads stands still as soon as its pipe is full: read it, or call `stdout.resume()`.
 * @param toolArguments  everything after `-nostdin -hide_banner -v error`, which are set here; inputs by {@link inputArguments}
 * @throws AppError TOOL_MISSING, TOOL_FAILED when the system cannot start it, CANCELLED when already aborted
 */
export async function spawnTool(
  tool: ToolName,
  toolArguments: readonly string[],
  options: SpawnOptions = {},
): Promise<ToolProcess> {
  const program = await findTool(tool);
  throwIfAborted(options.signal);
  const common =
    tool === 'ffmpeg' ? ['-nostdin', '-hide_banner', '-v', 'error'] : ['-hide_banner', '-v', 'error'];
  const child = spawn(program, [...common, ...toolArguments], {
    stdio: [options.input ?? 'ignore', 'pipe', 'pipe'],
    windowsHide: true,
    // In a group of its own: Ctrl-C in a terminal goes to the whole group, and a program that dies of it first looks like one that failed.
    detached: process.platform !== 'win32',
    env: toolEnvironment(),
  });
  await started(child, tool);
  return new RunningTool(tool, child, options.signal);
}

/** What a program that has ended left behind. */
export interface ToolOutput {
  readonly exit: ToolExit;
  readonly stdout: Buffer;
  readonly errorText: string;
}

/** @see runTool */
export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** killed after this time */
  readonly timeoutSeconds: number;
  /** killed when it writes more than this */
  readonly maxOutputBytes: number;
}

/**
 * Runs a program to its end and collects what it writes; the exit status is the caller's to judge.
 * @throws AppError TOOL_MISSING, CANCELLED; TOOL_FAILED when it took too long or wrote too much
 */
export async function runTool(
  tool: ToolName,
  toolArguments: readonly string[],
  options: RunOptions,
): Promise<ToolOutput> {
  const running = await spawnTool(tool, toolArguments, { signal: options.signal });
  const time = { over: false };
  const timer = setTimeout(() => {
    time.over = true;
    running.kill();
  }, options.timeoutSeconds * 1000);
  try {
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of running.stdout as AsyncIterable<Buffer>) {
      parts.push(part);
      bytes += part.length;
      if (bytes > options.maxOutputBytes) {
        throw new AppError(
          'TOOL_FAILED',
          `Expected at most ${options.maxOutputBytes} bytes from ${tool}, found more. The file is not an ordinary recording.`,
          { tool },
        );
      }
    }
    return { exit: await running.exit, stdout: Buffer.concat(parts), errorText: running.errorText() };
  } catch (error) {
    throwIfAborted(options.signal);
    if (!time.over) throw error;
    throw new AppError(
      'TOOL_FAILED',
      `Expected ${tool} to answer within ${options.timeoutSeconds} seconds, found that it did not. ` +
        'Try again when the computer is less busy; if it stays so, the file is damaged.',
      { tool, timedOut: true },
    );
  } finally {
    clearTimeout(timer);
    running.kill();
    await running.exit;
  }
}

class RunningTool implements ToolProcess {
  readonly stdout: Readable;
  readonly exit: Promise<ToolExit>;
  readonly #tool: ToolName;
  readonly #child: ChildProcess;
  readonly #signal: AbortSignal | undefined;
  readonly #errors = new TextTail(4096, 4096);
  #ended = false;

  constructor(tool: ToolName, child: ChildProcess, signal: AbortSignal | undefined) {
    if (child.stdout === null || child.stderr === null)
      throw new Error('a tool is always started with pipes');
    this.#tool = tool;
    this.#child = child;
    this.#signal = signal;
    this.stdout = child.stdout;
    child.stderr.on('data', (bytes: Buffer) => this.#errors.push(bytes));
    // A program that ends early breaks its input pipe; `write` and `succeed` report that by the exit status.
    child.stdin?.on('error', (error) => this.#errors.push(Buffer.from(`input pipe: ${error.message}\n`)));
    const onAbort = (): void => this.kill();
    this.exit = new Promise((resolve) => {
      child.once('close', (code, signalName) => {
        this.#ended = true;
        signal?.removeEventListener('abort', onAbort);
        resolve({ code, signalName });
      });
    });
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted === true) this.kill();
  }

  async write(bytes: Uint8Array): Promise<void> {
    const { stdin } = this.#child;
    if (stdin === null) throw new Error('this tool was started without an input pipe');
    if (!this.#ended && !stdin.destroyed) {
      const accepted = await new Promise<boolean>((resolve) => {
        stdin.write(bytes, (error) => resolve(error === null || error === undefined));
      });
      if (accepted) return;
    }
    throwIfAborted(this.#signal);
    throw this.#failure(await this.exit, 'it stopped reading before the sound was complete');
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  errorText(): string {
    return this.#errors.text();
  }

  async succeed(): Promise<void> {
    const exit = await this.exit;
    throwIfAborted(this.#signal);
    if (exit.code !== 0) throw this.#failure(exit, 'it ended with an error');
  }

  kill(): void {
    if (this.#ended) return;
    // SIGTERM would let ffmpeg finish its file first; nothing it still writes is wanted.
    this.#child.kill('SIGKILL');
    this.#child.stdin?.destroy();
    this.stdout.destroy();
  }

  #failure(exit: ToolExit, what: string): AppError {
    const words = this.errorText().trim();
    return new AppError(
      'TOOL_FAILED',
      `Expected ${this.#tool} to finish, found that ${what} (${exit.signalName ?? `status ${exit.code}`})` +
        (words === '' ? '.' : `: ${words.slice(-500)}`),
      { tool: this.#tool, exitCode: exit.code, signal: exit.signalName, stderr: words },
    );
  }
}

function started(child: ChildProcess, tool: ToolName): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => {
      reject(
        new AppError(
          'TOOL_FAILED',
          `Expected ${tool} to start, found: ${error.message}. Close other programs or install ${tool} again.`,
          { tool },
        ),
      );
    });
  });
}

function toolEnvironment(): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C' };
  // These make ffmpeg write logs with the recording's path, or read presets.
  for (const name of ['FFREPORT', 'FFMPEG_DATADIR', 'AV_LOG_FORCE_COLOR'])
    Reflect.deleteProperty(environment, name);
  return environment;
}
