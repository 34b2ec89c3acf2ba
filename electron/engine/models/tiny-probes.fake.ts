import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelManifest } from './model-manifest.js';
import type { LinearProbe, ProbeTable } from './probe-table.js';

/** @returns SHA-256 as manifests write it */
export function sha256Of(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** @returns a probe that reads one bit: bias + weight while it is on */
export function bitProbe(
  bit: number,
  weight: number,
  bias: number,
  more: Partial<LinearProbe> = {},
): LinearProbe {
  return { bits: [bit], weights: [weight], bias, averageFrames: 1, delayFrames: 0, ...more };
}

/**
 * Probes over few bits that a test can follow by hand: bit 0 speech, 1 voiced, 2 an octave of F0 (100 or 200 Hz), 3 ten dB of SNR,
 * 4 tells "rain" from "traffic", 5 a sound that the net does not know.
 */
export function tinyProbes(overrides: Partial<ProbeTable> = {}): ProbeTable {
  return {
    schema: 'sotto.probes/1',
    level: 'fp32',
    sha256: '0'.repeat(64),
    speech: bitProbe(0, 8, -4),
    voiced: bitProbe(1, 8, -4),
    f0: { ...bitProbe(2, 1, Math.log2(100)), trusted: true, minimumHz: 60, maximumHz: 500 },
    snr: { ...bitProbe(3, 10, 5), minimumDb: -10, maximumDb: 30 },
    noise: {
      labels: ['traffic', 'rain'],
      bits: [4],
      weights: [[-4], [4]],
      bias: [2, -2],
      averageFrames: 1,
      delayFrames: 0,
      trusted: true,
      minimumProbability: 0.6,
    },
    domain: bitProbe(5, -8, 4),
    silenceDbfs: -70,
    ...overrides,
  };
}

/**
 * Gives an installed model probes for its first level, and rewrites its manifest.
 * @param root   the models' folder
 * @param level  level they are fitted on
 * @returns the manifest as written
 */
export function writeProbes(
  root: string,
  manifest: ModelManifest,
  table: ProbeTable,
  level = manifest.levels[0]!.id,
): ModelManifest {
  const weights = manifest.levels.find(({ id }) => id === level);
  const text = JSON.stringify({ ...table, level, sha256: weights?.sha256 ?? table.sha256 });
  const probes = { file: 'probes.json', sha256: sha256Of(text), sizeBytes: text.length, level };
  const folder = join(root, manifest.id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'probes.json'), text);
  writeFileSync(join(folder, 'model.json'), JSON.stringify({ ...manifest, probes }));
  return { ...manifest, probes };
}
