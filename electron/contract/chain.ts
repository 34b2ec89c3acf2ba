import { z } from 'zod';

/** Identifiers of the stages a chain can hold, in signal order. Stages not built yet are refused by name, not ignored. */
export const stageIds = ['enhance', 'separate', 'voice'] as const;

/** One of {@link stageIds}. */
export type StageId = (typeof stageIds)[number];

/** Settings of the enhance stage. */
export const enhanceSettingsSchema = z.strictObject({
  /** dry/wet of the aligned signals: 0 is the raw recording, 1 the model's output */
  strength: z.number().min(0).max(1),
  /** compression level of the model, see `models list` */
  level: z.string().default('fp32'),
});

/** The stages to run. A missing stage is off; strength 0 is off as well. */
export const chainSettingsSchema = z.strictObject({
  enhance: enhanceSettingsSchema.optional(),
});

/** @see enhanceSettingsSchema */
export type EnhanceSettings = z.infer<typeof enhanceSettingsSchema>;

/** @see chainSettingsSchema */
export type ChainSettings = z.infer<typeof chainSettingsSchema>;
