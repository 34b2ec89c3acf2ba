import type { CheckedFile, ModelManifest } from './model-manifest.js';
import type { ProbeTable } from './probe-table.js';

/** A dense float32 tensor in row-major order. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Identity of the weights that ran, for the report. */
export interface ModelIdentity {
  readonly id: string;
  readonly level: string;
  readonly sha256: string;
}

/** One loaded level of one model. */
export interface ModelSession {
  readonly manifest: ModelManifest;
  readonly level: string;
  readonly sha256: string;
  /**
   * Runs the graph once, off the calling thread. Calls are answered in order; two may be in flight, so that the caller
   * prepares the next chunk while this one computes. The input's buffer is transferred: do not use it afterwards.
   * @param inputs   by tensor name; shapes as in the manifest
   * @param outputs  names of what is wanted, all when missing: a gated net also gives gates, nine times as many numbers as its mask
   * @throws AppError MODEL_FAILED
   */
  run(inputs: Readonly<Record<string, Tensor>>, outputs?: readonly string[]): Promise<Record<string, Tensor>>;
  /** Gives the session back to the host's cache. */
  release(): void;
}

/** Finds, verifies and runs the models of `native-models/`. The one way to weights for processors. */
export interface ModelHost {
  /** why folders of the models' root were left out, one sentence each */
  readonly problems: readonly string[];
  list(): readonly ModelManifest[];
  /** @throws AppError MODEL_NOT_FOUND when no manifest serves the stage at that level */
  find(stage: string, level: string): ModelManifest;
  /** @throws AppError MODEL_NOT_FOUND, MODEL_CHECKSUM_MISMATCH, MODEL_FAILED */
  open(id: string, level: string): Promise<ModelSession>;
  /**
   * @param graph  ONNX, as the manifest of the model names it beside its levels; its session has no inputs and outputs in the manifest's
   *   own lists, and its name without the extension as level
   * @throws AppError MODEL_NOT_FOUND, MODEL_CHECKSUM_MISMATCH, MODEL_FAILED
   */
  openBeside(id: string, graph: CheckedFile): Promise<ModelSession>;
  /**
   * @returns a level's weights file (ONNX) as it lies on the disk, for whoever computes without ONNX Runtime
   * @throws AppError MODEL_NOT_FOUND, MODEL_CHECKSUM_MISMATCH
   */
  weightsOf(id: string, level: string): Promise<Uint8Array>;
  /**
   * @param file  as the manifest of the model names it: codebooks, voices
   * @returns its bytes
   * @throws AppError MODEL_NOT_FOUND, also where it lies outside of the model's folder; MODEL_CHECKSUM_MISMATCH
   */
  fileOf(id: string, file: CheckedFile): Promise<Uint8Array>;
  /**
   * @returns what the masks of the model's gated level tell; fitted on the very weights that {@link weightsOf} gives for it
   * @throws AppError MODEL_NOT_FOUND when it has no probes, MODEL_CHECKSUM_MISMATCH, MODEL_FAILED
   */
  probesOf(id: string): Promise<ProbeTable>;
  /** Ends threads and frees sessions. */
  close(): Promise<void>;
}
