import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DirectModelHost } from './direct-model-host.js';
import type { ModelManifest } from './model-manifest.js';
import type { ProbeTable } from './probe-table.js';
import { writeTinyModel } from './tiny-model.fake.js';
import { sha256Of, tinyProbes, writeProbes } from './tiny-probes.fake.js';

let root: string;
let manifest: ModelManifest;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sotto-probes-'));
  manifest = writeTinyModel(root);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const probes = (): Promise<ProbeTable> => new DirectModelHost(root).probesOf('tiny');

/** Installs `text` as the probes, its checksum being right. */
function installText(text: string): void {
  const entry = { file: 'probes.json', sha256: sha256Of(text), sizeBytes: 1, level: 'fp32' };
  writeFileSync(join(root, 'tiny', 'probes.json'), text);
  writeFileSync(join(root, 'tiny', 'model.json'), JSON.stringify({ ...manifest, probes: entry }));
}

describe('weights for whoever computes without ONNX Runtime', () => {
  it('are the bytes of the file once their checksum is right', async () => {
    const bytes = await new DirectModelHost(root).weightsOf('tiny', 'fp32');
    expect(Buffer.from(bytes).equals(readFileSync(join(root, 'tiny', 'model.onnx')))).toBe(true);
  });

  it('are refused like those of a session: changed, missing, unknown', async () => {
    const host = new DirectModelHost(root);
    await expect(host.weightsOf('tiny', 'int4')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    await expect(host.weightsOf('other', 'fp32')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    writeFileSync(join(root, 'tiny', 'model.onnx'), 'other bytes');
    await expect(host.weightsOf('tiny', 'fp32')).rejects.toMatchObject({ code: 'MODEL_CHECKSUM_MISMATCH' });
    rmSync(join(root, 'tiny', 'model.onnx'));
    await expect(host.weightsOf('tiny', 'fp32')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
  });
});

describe('the probes of a model', () => {
  it('are read when they were fitted on the installed weights', async () => {
    writeProbes(root, manifest, tinyProbes());
    expect(await probes()).toEqual(tinyProbes({ sha256: manifest.levels[0]!.sha256 }));
  });

  it('are missed by name where a model has none, or is not there', async () => {
    await expect(probes()).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringContaining('without any') as string,
    });
    await expect(new DirectModelHost(root).probesOf('other')).rejects.toThrow(/no such model/);
  });

  it('are refused when they belong to other weights, or were changed', async () => {
    installText(JSON.stringify(tinyProbes({ sha256: 'ab'.repeat(32) })));
    await expect(probes()).rejects.toMatchObject({
      code: 'MODEL_CHECKSUM_MISMATCH',
      details: { expected: manifest.levels[0]!.sha256, found: 'ab'.repeat(32) },
    });
    writeProbes(root, manifest, tinyProbes());
    writeFileSync(join(root, 'tiny', 'probes.json'), '{}');
    await expect(probes()).rejects.toMatchObject({ code: 'MODEL_CHECKSUM_MISMATCH' });
  });

  it.each([
    ['no JSON', () => 'probes', /probe table/],
    ['another schema', () => JSON.stringify({ schema: 'sotto.probes/2' }), /schema/],
    [
      'a weight too few',
      () => withTable({ speech: { ...tinyProbes().speech, weights: [] } }),
      /speech: 1 bits, 0 weights/,
    ],
    [
      'a label too many',
      () => withTable({ noise: { ...tinyProbes().noise, labels: ['a', 'b', 'c'] } }),
      /3 labels, 2 rows/,
    ],
    [
      'a short row',
      () => withTable({ noise: { ...tinyProbes().noise, weights: [[1], []] } }),
      /another count than 1/,
    ],
  ])('are refused when they hold %s', async (_name, text, says) => {
    installText(text());
    await expect(probes()).rejects.toMatchObject({
      code: 'MODEL_FAILED',
      message: expect.stringMatching(says) as string,
    });
  });

  it('are not looked for outside of the model folder', async () => {
    const entry = { file: '../probes.json', sha256: 'a'.repeat(64), sizeBytes: 1, level: 'fp32' };
    writeFileSync(join(root, 'tiny', 'model.json'), JSON.stringify({ ...manifest, probes: entry }));
    await expect(probes()).rejects.toThrow(/inside/);
  });
});

function withTable(overrides: Partial<ProbeTable>): string {
  return JSON.stringify(tinyProbes({ sha256: manifest.levels[0]!.sha256, ...overrides }));
}
