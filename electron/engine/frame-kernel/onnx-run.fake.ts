import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transpose } from '../dsp/spectrum.js';
import { openOrtSession, type OrtSession } from '../models/ort.js';

/** What ONNX Runtime says about a recording. */
export interface OnnxRun {
  /** [frames][bins] */
  readonly mask: Float32Array;
  /** [frames][gateCount]; empty for a net without gates */
  readonly gates: Float32Array;
  /** [frames][gateCount]; empty where the file does not give them */
  readonly logits: Float32Array;
}

/** A net in ONNX Runtime, on the calling thread; the caller releases it. */
export async function openOnnx(onnx: Uint8Array): Promise<OrtSession> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-onnx-'));
  try {
    const file = join(folder, 'model.onnx');
    writeFileSync(file, onnx);
    return await openOrtSession({ file, sha256: createHash('sha256').update(onnx).digest('hex') });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Runs a net over all frames at once in ONNX Runtime.
 * @param magnitudes  [frames][bins]
 */
export async function runOnnx(onnx: Uint8Array, magnitudes: Float32Array, bins: number): Promise<OnnxRun> {
  const session = await openOnnx(onnx);
  try {
    const frames = magnitudes.length / bins;
    const magnitude = { shape: [1, bins, frames], data: transpose(magnitudes, frames, bins) };
    const outputs = await session.run({ magnitude });
    const rowsOf = (name: string): Float32Array => {
      const tensor = outputs[name];
      return tensor ? transpose(tensor.data, tensor.shape[1]!, frames) : new Float32Array(0);
    };
    return { mask: rowsOf('mask'), gates: rowsOf('gates'), logits: rowsOf('logits') };
  } finally {
    await session.release();
  }
}
