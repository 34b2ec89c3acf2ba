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

/** The stages to run. A missing stage is off; strength 0 is off as well. */
export const chainSettingsSchema = z.strictObject({
  enhance: enhanceSettingsSchema.optional(),
  disguise: disguiseSettingsSchema.optional(),
});

/** @see enhanceSettingsSchema */
export type EnhanceSettings = z.infer<typeof enhanceSettingsSchema>;

/** @see disguiseSettingsSchema */
export type DisguiseSettings = z.infer<typeof disguiseSettingsSchema>;

/** @see chainSettingsSchema */
export type ChainSettings = z.infer<typeof chainSettingsSchema>;
