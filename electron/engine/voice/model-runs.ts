import { AppError } from '../../contract/app-error.js';
import { cancelled, unlessAborted } from '../models/cancelling.js';
import type { ModelIdentity, ModelSession, Tensor } from '../models/model-host.js';

interface Run<Chunk> {
  readonly chunk: Chunk;
  readonly outputSize: number;
  /** never rejects, so that an abandoned run is no unhandled rejection */
  readonly answer: Promise<Record<string, Tensor> | AppError>;
}

/** Runs of one session in order, one computing while the next is prepared. Owns the session. */
export class ModelRuns<Chunk> {
  readonly model: ModelIdentity;
  readonly #session: ModelSession;
  readonly #signal: AbortSignal;
  readonly #output: string;
  #pending: Run<Chunk> | undefined;
  #closed = false;

  /** @param output  name of the one output that is wanted */
  constructor(session: ModelSession, output: string, signal: AbortSignal) {
    const { manifest, level, sha256 } = session;
    this.model = { id: manifest.id, level, sha256 };
    this.#session = session;
    this.#output = output;
    this.#signal = signal;
  }

  /**
   * Starts a run and waits for the one before it.
   * @param inputs      transferred
   * @param outputSize  how many numbers must come
   * @param chunk       given back beside the answer
   * @returns the one before, if there was one
   * @throws AppError CANCELLED, MODEL_FAILED
   */
  async submit(
    inputs: Readonly<Record<string, Tensor>>,
    outputSize: number,
    chunk: Chunk,
  ): Promise<[Chunk, Float32Array] | null> {
    this.throwIfEnded();
    const answer = this.#session.run(inputs, [this.#output]).catch((error: unknown) => AppError.from(error));
    const submitted = { chunk, outputSize, answer };
    const before = await this.drain();
    this.#pending = submitted;
    return before;
  }

  /** @returns the run that is under way, if there is one; @throws as {@link submit} */
  async drain(): Promise<[Chunk, Float32Array] | null> {
    const run = this.#pending;
    if (!run) return null;
    this.#pending = undefined;
    const answer = await unlessAborted(run.answer, this.#signal);
    this.throwIfEnded();
    if (answer instanceof AppError) throw answer;
    return [run.chunk, this.#checked(answer[this.#output]?.data, run.outputSize)];
  }

  /** @throws AppError CANCELLED after an abort or once this was closed; to be asked again after every await */
  throwIfEnded(): void {
    if (this.#signal.aborted || this.#closed) throw cancelled();
  }

  /** Releases the session; may be called more than once. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#session.release();
  }

  #checked(answer: Float32Array | undefined, size: number): Float32Array {
    const values = answer ?? new Float32Array(0);
    let sum = 0;
    // An iterator over a typed array costs about ten times an index.
    for (let i = 0; i < values.length; i++) sum += values[i]!;
    if (values.length === size && Number.isFinite(sum)) return values;
    throw new AppError(
      'MODEL_FAILED',
      `Expected ${size} finite values from model "${this.model.id}", found ${values.length} with the sum ${sum}. ` +
        "Restore the model's folder.",
    );
  }
}
