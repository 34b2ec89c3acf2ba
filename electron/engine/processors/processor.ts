import type { Finding } from '../../contract/audio-format.js';
import type { StageId } from '../../contract/chain.js';
import type { Planar, StreamFormat } from '../dsp/planar.js';
import type { ModelHost, ModelIdentity } from '../models/model-host.js';

/** What a processor may use besides its samples. */
export interface ProcessorContext {
  readonly models: ModelHost;
  readonly signal: AbortSignal;
}

/**
 * One stage of the chain over a stream of planar blocks.
 *
 * Alignment is part of the contract: over its whole life a processor returns exactly as many sample frames as it was given,
 * and returned frame n belongs to given frame n. It may hold frames back (`process` returns fewer or none) until `flush`.
 * The result does not depend on how the stream is cut into blocks. Silence in gives silence out; output is always finite.
 */
export interface Processor {
  /** what runs, in the order of the signal, for the report; none for stages without weights */
  readonly models: readonly ModelIdentity[];
  /** what whoever hears the result must know of this stage, whatever passes it; missing where nothing */
  readonly findings?: readonly Finding[];
  /** what was counted in all that has passed so far, and so is true of a whole recording alone; missing where nothing */
  readonly countedFindings?: readonly Finding[];
  /**
   * @param block  planar, [channels][frames >= 0], +-1 nominal, finite; not modified and not kept
   * @returns frames that are ready, [channels][0 or more]; owned by the caller
   * @throws AppError CANCELLED once the context's signal is aborted
   */
  process(block: Planar): Promise<Planar>;
  /** @returns all frames still held back. Only `close` may follow. */
  flush(): Promise<Planar>;
  /** Frees everything; may be called at any time and more than once. */
  close(): void;
}

/** One folder in `processors/`: found by the registry, not listed by hand elsewhere. */
export interface ProcessorDefinition<Settings> {
  readonly id: string;
  readonly stage: StageId;
  /** true where the processor itself makes the most of its strength; the others are mixed with what they were given */
  readonly takesStrength?: boolean;
  /** names of what cannot run, e.g. a level that does not exist; called before anything is decoded
   * @throws AppError INVALID_ARGUMENT, MODEL_NOT_FOUND */
  check(settings: Settings, models: ModelHost): void;
  open(format: StreamFormat, settings: Settings, context: ProcessorContext): Promise<Processor>;
}
