import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transpose } from '../dsp/spectrum.js';
import { openOrtSession } from '../models/ort.js';

/** What ONNX Runtime says about a recording. */
export interface OnnxRun {
  /** [frames][bins] */
  readonly mask: Float32Array;
  /** [frames][gateCount]; empty for a net without gates */
  readonly gates: Float32Array;
}

/**
 * Runs a net over all frames at once in ONNX Runtime.
 * @param magnitudes  [frames][bins]
 */
export async function runOnnx(onnx: Uint8Array, magnitudes: Float32Array, bins: number): Promise<OnnxRun> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-onnx-'));
  try {
    const file = join(folder, 'model.onnx');
    writeFileSync(file, onnx);
    const session = await openOrtSession({ file, sha256: createHash('sha256').update(onnx).digest('hex') });
    const frames = magnitudes.length / bins;
    const magnitude = { shape: [1, bins, frames], data: transpose(magnitudes, frames, bins) };
    const { mask, gates } = await session.run({ magnitude });
    await session.release();
    return {
      mask: transpose(mask!.data, bins, frames),
      gates: gates ? transpose(gates.data, gates.shape[1]!, frames) : new Float32Array(0),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
