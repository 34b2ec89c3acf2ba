import { z } from 'zod';
import { AppError } from '../../contract/app-error.js';

const tensorSchema = z.object({
  name: z.string(),
  /** numbers are fixed, names are free dimensions */
  shape: z.array(z.union([z.number().int().positive(), z.string()])),
  role: z.string(),
});

/** A file of the model's folder besides its weights; checked before it is used. */
const checkedFileSchema = z.object({
  file: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  sizeBytes: z.number().int().positive(),
});

/** @see checkedFileSchema */
export type CheckedFile = z.infer<typeof checkedFileSchema>;

/** What every model says of itself, whatever runs it. */
const anyModelSchema = z.object({
  schema: z.literal('sotto.model/1'),
  id: z.string().regex(/^[a-z0-9-]+$/),
  stage: z.string(),
  title: z.string(),
  licence: z.string(),
  /** frames that a chunk must carry so that its outputs equal those of one long run; each runner says which, and on which sides */
  contextFrames: z.number().int().nonnegative(),
  inputs: z.array(tensorSchema),
  outputs: z.array(tensorSchema),
  levels: z
    .array(
      checkedFileSchema.extend({
        id: z.string(),
        /** one line for a person: what this level is for */
        title: z.string().optional(),
        /** whether the graph also has the output `gates`, and computes only channels that they leave on */
        gates: z.boolean().optional(),
        /** multiply-accumulates of one frame with every channel on, those of the gates included */
        macsPerFrame: z.number().positive().optional(),
        /** multiply-accumulates for a second of sound */
        macsPerSecond: z.number().positive().optional(),
      }),
    )
    .min(1),
  /** what the gates of one level tell about the sound, see `probe-table.ts` */
  probes: checkedFileSchema
    .extend({
      /** id of the gated level they were fitted on */
      level: z.string(),
    })
    .optional(),
  golden: z.object({ file: z.string(), maxAbsoluteError: z.number().positive() }),
  measures: z.string(),
});

/** A mask over the spectrogram; `contextFrames` are frames of past. */
const spectralMaskSchema = anyModelSchema.extend({
  runner: z.literal('spectral-mask'),
  sampleRateHz: z.number().int().positive(),
  fftSize: z.number().int().positive(),
  hopSamples: z.number().int().positive(),
  window: z.literal('sqrt-hann-periodic'),
  latencyFrames: z.literal(0),
});

const codesPerSecond = z.literal(50);
/** Mel frames that a voice is read from at a time: 2 s. */
export const referenceFrames = 200;
const codebookSchema = checkedFileSchema.extend({
  /** codes, size; little-endian float32, row by row */
  shape: z.tuple([z.number().int().positive(), z.number().int().positive()]),
});

/** Log mel to what is said, 50 a second; `contextFrames` are mel frames, even, on either side. */
const voiceCodesSchema = anyModelSchema.extend({
  runner: z.literal('voice-codes'),
  contextFrames: z.number().int().nonnegative().multipleOf(2),
  frontEnd: z.object({
    bands: z.literal(80),
    framesPerSecond: z.literal(100),
    normalisation: z.literal('running-loudness-weighted-mean'),
    aheadFrames: z.literal(100),
    fadeFrames: z.literal(1000),
  }),
  codesPerSecond,
  codebooks: z
    .object({
      /** at most what 9 bits of a file of codes can say */
      codes: z.number().int().positive().max(512),
      size: z.number().int().positive(),
      first: codebookSchema,
      residual: codebookSchema,
      /** one byte for each code of the first, 1 where the voice sounds in most frames that have it, else 0 */
      voicing: checkedFileSchema,
    })
    .refine(
      ({ codes, size, first, residual }) =>
        [first, residual].every(({ shape }) => shape[0] === codes && shape[1] === size),
      'both codebooks must have the shape [codes, size]',
    ),
});

/** Log mel of 2 s of speech to the voice that speaks: it learnt together with the synthesis whose folder it lies in. */
const voiceReferenceSchema = checkedFileSchema.extend({
  /** rms of the speech that the log mel is made of, full scale 1; its floor lies at the same place then as in training */
  speechRms: z.number().positive(),
  input: tensorSchema.extend({
    shape: z.tuple([z.string(), z.literal(80), z.literal(referenceFrames)]),
  }),
  output: tensorSchema.extend({ shape: z.tuple([z.string(), z.number().int().positive()]) }),
  golden: z.object({ file: z.string(), maxAbsoluteError: z.number().positive() }),
});

/** @see voiceReferenceSchema */
export type VoiceReferenceEntry = z.infer<typeof voiceReferenceSchema>;

/** What is said, an F0 and a voice to the filters of the source-filter; `contextFrames` are codes on either side. */
const voiceSynthesisSchema = anyModelSchema.extend({
  runner: z.literal('voice-synthesis'),
  codesPerSecond,
  filterBins: z.literal(480),
  filterBinHz: z.literal(25),
  framesPerSecond: z.literal(100),
  /** log2 of the F0, in Hz, that enters as 0 */
  pitchCentreOctaves: z.number(),
  /** what z may be, in the order of the one-hot input */
  modes: z.tuple([z.literal('strict'), z.literal('balanced'), z.literal('clear')]),
  /** see `voice-table.ts` */
  voices: checkedFileSchema,
  /** reads a voice from a recording; missing in older exports, with which no voice can be kept */
  reference: voiceReferenceSchema.optional(),
  /** of the first codebook whose codes it learnt to speak */
  codebookSha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const cosine = z.number().min(-1).max(1);
/** Between these lie 90 of 100 pairs of recordings, 5 below and 5 above. */
const cosineRangeSchema = z
  .object({ low: cosine, high: cosine })
  .refine(({ low, high }) => low <= high, 'low must not be above high');

/** Log mel of a window of speech to a vector whose angle to others tells whose voice it is. */
const speakerEmbedderSchema = anyModelSchema.extend({
  runner: z.literal('speaker-embedder'),
  contextFrames: z.literal(0),
  /** that of `dsp/mel-frames`; the graph takes the mean of each band away */
  frontEnd: z.object({
    bands: z.literal(80),
    framesPerSecond: z.literal(100),
    windowSeconds: z.literal(0.025),
    highestHz: z.literal(8000),
    preEmphasis: z.literal(0.97),
    floor: z.literal(1e-13),
    normalisation: z.literal('in-graph'),
  }),
  /** those of `voice/speech-windows`, over which it was calibrated */
  windows: z.object({
    frames: z.literal(300),
    leastFrames: z.literal(100),
    leastSlots: z.literal(5),
    mostSlots: z.literal(20),
    secondsOfASlot: z.literal(15),
  }),
  /** what cosines say, measured on speakers that it did not learn from */
  calibration: z.object({
    /** at which one person is missed as often as two are taken for one */
    equalErrorCosine: cosine,
    /** pairs of recordings of one person */
    same: cosineRangeSchema,
    /** pairs of two people */
    different: cosineRangeSchema,
  }),
});

/** `model.json` of one folder in `native-models/`: everything the product knows about a model. */
export const modelManifestSchema = z.discriminatedUnion('runner', [
  spectralMaskSchema,
  voiceCodesSchema,
  voiceSynthesisSchema,
  speakerEmbedderSchema,
]);

/** @see modelManifestSchema */
export type ModelManifest = z.infer<typeof modelManifestSchema>;

/** The manifest of the models of one runner. */
export type ManifestOf<Runner extends ModelManifest['runner']> = Extract<ModelManifest, { runner: Runner }>;

/** @returns every file beside the levels and probes that the manifest names with a checksum */
export function filesBeside(manifest: ModelManifest): readonly CheckedFile[] {
  switch (manifest.runner) {
    case 'spectral-mask':
    case 'speaker-embedder':
      return [];
    case 'voice-codes':
      return [manifest.codebooks.first, manifest.codebooks.residual, manifest.codebooks.voicing];
    case 'voice-synthesis':
      return manifest.reference ? [manifest.voices, manifest.reference] : [manifest.voices];
  }
}

/**
 * @returns the manifest as that of its runner
 * @throws AppError MODEL_FAILED when another runner is named in it
 */
export function expectRunner<Runner extends ModelManifest['runner']>(
  manifest: ModelManifest,
  runner: Runner,
): ManifestOf<Runner> {
  if (manifest.runner === runner) return manifest as ManifestOf<Runner>;
  throw new AppError(
    'MODEL_FAILED',
    `Expected the runner "${runner}" in the manifest of "${manifest.id}", found "${manifest.runner}". ` +
      'Choose another model for this stage; "models list" shows what is installed.',
  );
}
