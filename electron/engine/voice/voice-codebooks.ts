import { AppError } from '../../contract/app-error.js';
import type { VoiceSettings } from '../../contract/chain.js';
import type { ModelHost } from '../models/model-host.js';
import type { CheckedFile, ManifestOf } from '../models/model-manifest.js';

/** What of z is let through, see {@link VoiceCodebooks.said}. */
export type Clarity = VoiceSettings['clarity'];

/** What is said in 20 ms, as codes: indices into the two codebooks. */
export interface VoiceCodes {
  readonly first: number;
  readonly residual: number;
}

/** What is said in 20 ms. */
export interface VoiceFrame extends VoiceCodes {
  /** the encoder's own values, [size] */
  readonly z: Float32Array;
}

/** The centres that an encoder's values may be replaced by: [codes][size] for what is said, and as much again for what that leaves. */
export class VoiceCodebooks {
  readonly codes: number;
  readonly size: number;
  /** of the first codebook's file: codes and a synthesis fit together where it is the same */
  readonly sha256: string;
  readonly #first: Float32Array;
  readonly #residual: Float32Array;
  readonly #rest: Float32Array;

  /**
   * @param first     [codes * size], row by row; kept
   * @param residual  as `first`
   */
  constructor(first: Float32Array, residual: Float32Array, size: number, sha256: string) {
    this.codes = first.length / size;
    this.size = size;
    this.sha256 = sha256;
    this.#first = first;
    this.#residual = residual;
    this.#rest = new Float32Array(size);
  }

  /** @throws AppError MODEL_NOT_FOUND, MODEL_CHECKSUM_MISMATCH; MODEL_FAILED when a file is not what the manifest says */
  static async read(models: ModelHost, manifest: ManifestOf<'voice-codes'>): Promise<VoiceCodebooks> {
    const { codes, size, first, residual } = manifest.codebooks;
    const read = async (file: CheckedFile): Promise<Float32Array> =>
      centresOf(await models.fileOf(manifest.id, file), codes * size, file.file);
    return new VoiceCodebooks(await read(first), await read(residual), size, first.sha256);
  }

  /** @returns the codes nearest to `z`, [size] */
  encode(z: Float32Array): VoiceCodes {
    const first = nearest(z, this.#first);
    for (let d = 0; d < this.size; d++) this.#rest[d] = z[d]! - this.#first[first * this.size + d]!;
    return { first, residual: nearest(this.#rest, this.#residual) };
  }

  /**
   * What a clarity lets through: `strict` the centre of the first code, `balanced` the sum of both codes' centres, `clear` z itself.
   * @param frame  from {@link encode}, or read from elsewhere; `z` only matters to `clear`
   * @param said   [size], overwritten
   * @throws AppError INVALID_ARGUMENT when a code is none of this codebook, or `clear` is asked for without z
   */
  said(frame: VoiceCodes & Partial<VoiceFrame>, clarity: Clarity, said: Float32Array): void {
    if (clarity === 'clear') {
      if (frame.z?.length !== this.size) {
        throw new AppError(
          'INVALID_ARGUMENT',
          `Expected ${this.size} values of the encoder for the clarity "clear", found only codes. Choose strict or balanced.`,
        );
      }
      said.set(frame.z);
      return;
    }
    said.set(this.#row(this.#first, frame.first));
    if (clarity === 'strict') return;
    const rest = this.#row(this.#residual, frame.residual);
    for (let d = 0; d < this.size; d++) said[d]! += rest[d]!;
  }

  #row(centres: Float32Array, code: number): Float32Array {
    if (Number.isInteger(code) && code >= 0 && code < this.codes) {
      return centres.subarray(code * this.size, (code + 1) * this.size);
    }
    throw new AppError(
      'INVALID_ARGUMENT',
      `Expected a code from 0 to ${this.codes - 1}, found ${code}. The codes belong to another codebook.`,
    );
  }
}

/** @returns the index of the centre nearest to `point` (Euclidean), the lowest of equals */
function nearest(point: Float32Array, centres: Float32Array): number {
  const size = point.length;
  let best = 0;
  let smallest = Infinity;
  for (let start = 0, code = 0; start < centres.length; start += size, code++) {
    let distance = 0;
    for (let d = 0; d < size; d++) {
      const difference = point[d]! - centres[start + d]!;
      distance += difference * difference;
    }
    if (distance >= smallest) continue;
    smallest = distance;
    best = code;
  }
  return best;
}

/** @returns the file's little-endian float32 values */
function centresOf(bytes: Uint8Array, count: number, file: string): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = Float32Array.from({ length: Math.floor(bytes.byteLength / 4) }, (_, i) =>
    view.getFloat32(4 * i, true),
  );
  if (bytes.byteLength === 4 * count && values.every(Number.isFinite)) return values;
  throw new AppError(
    'MODEL_FAILED',
    `Expected ${count} finite numbers in ${file}, found another content. Restore the model's folder.`,
  );
}
