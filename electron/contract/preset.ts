import { z } from 'zod';
import { outputFormatSchema } from './audio-format.js';
import { chainSettingsSchema } from './chain.js';

/** `neutral`: sanitised-001.wav and so on; `source`: NAME-sanitised.wav, which may give people away. */
export const namePolicySchema = z.enum(['neutral', 'source']);

/** @see namePolicySchema */
export type NamePolicy = z.infer<typeof namePolicySchema>;

/** What leaves the studio and under which name. */
export const exportPolicySchema = z.strictObject({
  format: outputFormatSchema,
  names: namePolicySchema,
});

/** @see exportPolicySchema */
export type ExportPolicy = z.infer<typeof exportPolicySchema>;

/** A preset file: chain and export policy together, versioned and shareable. */
export const presetSchema = z.strictObject({
  schema: z.literal('sotto.preset/1'),
  id: z.string().regex(/^[a-z0-9-]+$/),
  title: z.string(),
  description: z.string(),
  chain: chainSettingsSchema,
  export: exportPolicySchema,
});

/** @see presetSchema */
export type Preset = z.infer<typeof presetSchema>;
