import { z } from 'zod';

/** Identifiers of the stages a chain can hold, in signal order. Stages not built yet are refused by name, not ignored. */
export const stageIds = ['enhance', 'separate', 'voice', 'disguise'] as const;

/** One of {@link stageIds}. */
export type StageId = (typeof stageIds)[number];

/** Settings of the enhance stage. */
export const enhanceSettingsSchema = z.strictObject({
  /** dry/wet of the aligned signals: 0 is the raw recording, 1 the model's output */
  strength: z.number().min(0).max(1),
  /** compression level of the model, see `models list` */
  level: z.string().default('fp32'),
});

/** The exponents a disguise may have: 0.9 is hardly heard, below 0.5 words suffer. */
export const alphaRange = { from: 0.5, to: 0.9 } as const;

/** Settings of the disguise stage. It is no protection, and whatever shows it says so. */
export const disguiseSettingsSchema = z.strictObject({
  /**
   * how far the voice is moved: 1 as far as alpha says, 0 not at all. Not dry/wet: a mix would still hold the raw voice
   */
  strength: z.number().min(0).max(1),
  /** exponent that moves the resonances; `random` draws a new one for each export, which is kept nowhere */
  alpha: z.union([z.literal('random'), z.number().min(alphaRange.from).max(alphaRange.to)]).default('random'),
});

/** Settings of the voice stage: the same words by a voice that belongs to nobody, or by the speaker's own. */
export const voiceSettingsSchema = z.strictObject({
  /**
   * whose voice speaks: `random` draws a fresh mixture of synthetic voices for each export, kept nowhere; `neutral` is one for all;
   * `keep` reads the speaker's own from the recording: it filters how something was said, with `natural` all but the melody, and
   * whatever shows it says that it is no protection of identity
   */
  mode: z.enum(['random', 'neutral', 'keep']),
  /**
   * F0: `natural` follows the recording, moved to the register of the voice; `flat` stays on that register; `template` is a
   * melody that owes nothing to the recording. With `keep` the register is the speaker's own, and `natural` moves nothing
   */
  pitch: z.enum(['natural', 'flat', 'template']).default('natural'),
  /** what is let through of how it was said: the codes of one codebook, of two, or the encoder's own values */
  clarity: z.enum(['strict', 'balanced', 'clear']).default('strict'),
  /**
   * how far F0 leaves the recording's own for what `pitch` says, on a scale of octaves. Not dry/wet: a mix would still hold the
   * raw voice, so the timbre is always that of the voice that speaks. 0 would be off while everything says that another voice speaks, so
   * it is refused: leave the stage out
   */
  strength: z.number().gt(0).max(1).default(1),
  /** compression level of the encoder, see `models list` */
  level: z.string().default('edge'),
});

/**
 * The stages to run. A missing stage is off; strength 0 is off as well. Voice and disguise never run together: another voice
 * needs no disguise, and resonances that are moved once more only cost words.
 */
export const chainSettingsSchema = z
  .strictObject({
    enhance: enhanceSettingsSchema.optional(),
    voice: voiceSettingsSchema.optional(),
    disguise: disguiseSettingsSchema.optional(),
  })
  .refine(({ voice, disguise }) => !(voice !== undefined && (disguise?.strength ?? 0) > 0), {
    error: 'Expected voice or disguise, found both; turn one of them off',
  });

/** @see enhanceSettingsSchema */
export type EnhanceSettings = z.infer<typeof enhanceSettingsSchema>;

/** @see voiceSettingsSchema */
export type VoiceSettings = z.infer<typeof voiceSettingsSchema>;

/** @see disguiseSettingsSchema */
export type DisguiseSettings = z.infer<typeof disguiseSettingsSchema>;

/** @see chainSettingsSchema */
export type ChainSettings = z.infer<typeof chainSettingsSchema>;

/** @returns whether a stage runs that makes another voice: raw and rendered are then two, to be compared but never mixed */
export function changesVoice({ voice, disguise }: ChainSettings): boolean {
  return [voice, disguise].some((stage) => (stage?.strength ?? 0) > 0);
}
