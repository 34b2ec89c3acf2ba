import type { ManifestOf } from './model-manifest.js';

const anyFile = { sha256: '0'.repeat(64), sizeBytes: 1 };

/** The manifest of an encoder as `native-models/voice-codes/export.py` writes it, with fewer codes. */
export function voiceCodesManifest(
  overrides: Partial<ManifestOf<'voice-codes'>> = {},
): ManifestOf<'voice-codes'> {
  return {
    schema: 'sotto.model/1',
    id: 'voice-codes',
    stage: 'voice',
    title: 'Voice codes',
    licence: 'MIT',
    runner: 'voice-codes',
    frontEnd: {
      bands: 80,
      framesPerSecond: 100,
      normalisation: 'running-loudness-weighted-mean',
      aheadFrames: 100,
      fadeFrames: 1000,
    },
    contextFrames: 6,
    codesPerSecond: 50,
    inputs: [{ name: 'mel', shape: ['batch', 80, 'frames'], role: 'normalised-log-mel' }],
    outputs: [{ name: 'z', shape: ['batch', 64, 'codes'], role: 'voice-content' }],
    levels: [{ id: 'edge', file: 'edge.onnx', ...anyFile, sha256: '1'.repeat(64) }],
    codebooks: {
      codes: 4,
      size: 64,
      first: { file: 'codebook-first.f32', shape: [4, 64], ...anyFile },
      residual: { file: 'codebook-residual.f32', shape: [4, 64], ...anyFile, sha256: 'a'.repeat(64) },
      voicing: { file: 'codebook-voicing.u8', ...anyFile },
    },
    golden: { file: 'golden/golden.json', maxAbsoluteError: 1e-2 },
    measures: 'none',
    ...overrides,
  };
}

/** The manifest of a synthesis as `native-models/voice-synthesis/export.py` writes it, with small voice vectors. */
export function voiceSynthesisManifest(
  overrides: Partial<ManifestOf<'voice-synthesis'>> = {},
): ManifestOf<'voice-synthesis'> {
  return {
    schema: 'sotto.model/1',
    id: 'voice-synthesis',
    stage: 'voice',
    title: 'Voice synthesis',
    licence: 'MIT',
    runner: 'voice-synthesis',
    codesPerSecond: 50,
    contextFrames: 3,
    filterBins: 480,
    filterBinHz: 25,
    framesPerSecond: 100,
    pitchCentreOctaves: 7.3,
    modes: ['strict', 'balanced', 'clear'],
    inputs: [
      { name: 'z', shape: ['batch', 64, 'codes'], role: 'voice-content' },
      { name: 'pitch', shape: ['batch', 2, 'frames'], role: 'octaves-above-centre-and-voiced' },
      { name: 'voice', shape: ['batch', 2], role: 'voice-vector' },
      { name: 'mode', shape: ['batch', 3], role: 'one-hot-mode' },
    ],
    outputs: [
      { name: 'filters', shape: ['batch', 1440, 'frames'], role: 'log-harmonic-phase-log-aperiodic' },
    ],
    levels: [{ id: 'fp32', file: 'model.onnx', ...anyFile, sha256: '2'.repeat(64) }],
    voices: { file: 'voices.json', ...anyFile },
    reference: {
      ...{ file: 'reference.onnx', ...anyFile, sha256: '3'.repeat(64), speechRms: 0.08 },
      input: { name: 'mel', shape: ['batch', 80, 200], role: 'log-mel-of-speech' },
      output: { name: 'voice', shape: ['batch', 2], role: 'voice-vector' },
      golden: { file: 'golden/reference.json', maxAbsoluteError: 1e-4 },
    },
    golden: { file: 'golden/net.json', maxAbsoluteError: 1e-3 },
    measures: 'none',
    codebookSha256: '0'.repeat(64),
    ...overrides,
  };
}

/** The manifest of an embedder as `native-models/speaker-embedder/export.py` writes it, with small vectors. */
export function speakerEmbedderManifest(
  overrides: Partial<ManifestOf<'speaker-embedder'>> = {},
): ManifestOf<'speaker-embedder'> {
  return {
    schema: 'sotto.model/1',
    id: 'speaker-embedder',
    stage: 'similarity',
    title: 'Speaker embedder',
    licence: 'MIT',
    runner: 'speaker-embedder',
    frontEnd: {
      bands: 80,
      framesPerSecond: 100,
      windowSeconds: 0.025,
      highestHz: 8000,
      preEmphasis: 0.97,
      floor: 1e-13,
      normalisation: 'in-graph',
    },
    windows: { frames: 300, leastFrames: 100, leastSlots: 5, mostSlots: 20, secondsOfASlot: 15 },
    contextFrames: 0,
    inputs: [{ name: 'mel', shape: ['batch', 80, 'frames'], role: 'log-mel' }],
    outputs: [{ name: 'vector', shape: ['batch', 4], role: 'speaker-embedding' }],
    levels: [{ id: 'fp32', file: 'model.onnx', ...anyFile, sha256: '3'.repeat(64) }],
    calibration: {
      equalErrorCosine: 0.4,
      same: { low: 0.5, high: 0.9 },
      different: { low: -0.2, high: 0.3 },
    },
    golden: { file: 'golden/golden.json', maxAbsoluteError: 1e-3 },
    measures: 'none',
    ...overrides,
  };
}
