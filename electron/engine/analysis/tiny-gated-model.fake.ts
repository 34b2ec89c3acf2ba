import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tinyNet } from '../frame-kernel/tiny-net.fake.js';
import { fakeManifest } from '../models/model-host.fake.js';
import type { ModelManifest } from '../models/model-manifest.js';
import type { ProbeTable } from '../models/probe-table.js';
import { bitProbe, sha256Of, tinyProbes, writeProbes } from '../models/tiny-probes.fake.js';

/** @returns a gated net with random weights, of whose 24 gates several follow the sound */
export function tinyGatedNet(): Uint8Array {
  return tinyNet({ seed: 3 });
}

/** @returns probes over gates of {@link tinyGatedNet} that noise of changing level switches, with windows and delays */
export function tinyGatedProbes(): ProbeTable {
  const { f0, snr, noise } = tinyProbes();
  return tinyProbes({
    speech: bitProbe(0, 8, -4, { averageFrames: 7, delayFrames: 3 }),
    voiced: bitProbe(1, 8, -4),
    f0: { ...f0, bits: [7] },
    snr: { ...snr, bits: [22], averageFrames: 20, delayFrames: 5 },
    noise: { ...noise, bits: [20] },
    domain: bitProbe(17, -8, 4, { averageFrames: 3 }),
  });
}

/**
 * Installs a gated enhancer with random weights and probes over its bits, which ONNX Runtime and the frame kernel both run.
 * @param root   the models' folder
 * @param table  its level and checksum are filled in
 */
export function writeTinyGatedModel(root: string, table: ProbeTable = tinyGatedProbes()): ModelManifest {
  const weights = tinyGatedNet();
  const manifest: ModelManifest = {
    ...fakeManifest,
    id: 'tiny-gated',
    levels: [
      {
        ...{ id: 'fp32', file: 'model.onnx', title: 'Tiny', gates: true },
        ...{ sha256: sha256Of(weights), sizeBytes: weights.length },
      },
    ],
  };
  const folder = join(root, manifest.id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), weights);
  return writeProbes(root, manifest, table);
}
