import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openOrtSession } from './ort.js';
import { writeTinyModel } from './tiny-model.fake.js';

let root: string;
let file: string;
let sha256: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'sotto-ort-'));
  sha256 = writeTinyModel(root).levels[0]!.sha256;
  file = join(root, 'tiny', 'model.onnx');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a session', () => {
  it('computes the graph', async () => {
    const session = await openOrtSession({ file, sha256 });
    const { mask } = await session.run({
      magnitude: { shape: [1, 257, 5], data: new Float32Array(257 * 5) },
    });
    expect(mask!.shape).toEqual([1, 257, 5]);
    // Silence leaves only the bias: sigmoid(2).
    expect(mask!.data.every((value) => Math.abs(value - 1 / (1 + Math.exp(-2))) < 1e-6)).toBe(true);
    await session.release();
  });

  it('gives what is asked for and nothing else, and refuses a name that the graph does not have', async () => {
    const session = await openOrtSession({ file, sha256 });
    const input = { magnitude: { shape: [1, 257, 1], data: new Float32Array(257) } };
    expect(Object.keys(await session.run(input, ['mask']))).toEqual(['mask']);
    await expect(session.run(input, ['gates'])).rejects.toMatchObject({ code: 'MODEL_FAILED' });
    await session.release();
  });

  it('is never made from weights whose checksum differs, and both checksums are named', async () => {
    const other = 'ab'.repeat(32);
    await expect(openOrtSession({ file, sha256: other })).rejects.toMatchObject({
      code: 'MODEL_CHECKSUM_MISMATCH',
      message: expect.stringContaining(sha256) as string,
      details: { expected: other, found: sha256 },
    });
  });

  it('says which file is missing', async () => {
    const missing = join(root, 'missing.onnx');
    await expect(openOrtSession({ file: missing, sha256 })).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      details: { file: missing },
    });
  });

  it('turns what ONNX Runtime refuses into MODEL_FAILED', async () => {
    const text = join(root, 'text.onnx');
    writeFileSync(text, 'no graph');
    const textSha256 = createHash('sha256').update('no graph').digest('hex');
    await expect(openOrtSession({ file: text, sha256: textSha256 })).rejects.toMatchObject({
      code: 'MODEL_FAILED',
    });
    const session = await openOrtSession({ file, sha256 });
    const wrong = { magnitude: { shape: [1, 3, 5], data: new Float32Array(15) } };
    await expect(session.run(wrong)).rejects.toMatchObject({ code: 'MODEL_FAILED' });
    await session.release();
  });
});
