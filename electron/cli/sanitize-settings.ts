import { AppError } from '../contract/app-error.js';
import { outputFormatSchema } from '../contract/audio-format.js';
import type { ChainSettings } from '../contract/chain.js';
import type { JobSettings } from '../contract/job.js';
import { voiceModelIds } from '../contract/model-list.js';
import { namePolicySchema } from '../contract/preset.js';
import type { ModelManifest } from '../engine/models/model-manifest.js';
import { oneOf } from './one-of.js';
import { loadPreset, stageNotAvailable } from './presets.js';
import { withVoice, type VoiceOptions } from './voice-options.js';

/** The options of `sanitize` that say what to do with a recording, as typed. */
export interface SettingOptions extends VoiceOptions {
  readonly preset: string;
  readonly enhance?: string | undefined;
  readonly separate?: string | undefined;
  readonly stems?: string | undefined;
  readonly level: readonly string[];
  readonly format?: string | undefined;
  readonly names?: string | undefined;
}

/**
 * Turns a preset and the options that override it into the settings of a job.
 * @param models  manifests that `--level` may name
 * @throws AppError INVALID_ARGUMENT, STAGE_NOT_AVAILABLE, PRESET_INVALID, MODEL_NOT_FOUND
 */
export async function settingsFromOptions(
  options: SettingOptions,
  models: readonly ModelManifest[],
): Promise<JobSettings> {
  refuseSeparation(options);
  const preset = await loadPreset(options.preset);
  const stages = withVoice(withEnhance(preset.chain, options.enhance), options);
  const chain = withLevels(stages, options.level, models);
  return {
    chain,
    export: {
      format: oneOf('--format', options.format ?? preset.export.format, outputFormatSchema.options),
      names: oneOf('--names', options.names ?? preset.export.names, namePolicySchema.options),
    },
  };
}

/** A typing error is told from a stage that is still to come. */
function refuseSeparation({ separate = 'off', stems }: SettingOptions): void {
  const word = oneOf('--separate', separate, ['off', 'speech', 'background']);
  if (word !== 'off') throw stageNotAvailable(`--separate ${word}`, ['separate']);
  if (stems !== undefined) throw stageNotAvailable('--stems', ['separate']);
}

function withEnhance(chain: ChainSettings, value: string | undefined): ChainSettings {
  if (value === undefined) return chain;
  const { enhance, ...rest } = chain;
  if (value === 'off') return rest;
  const strength = /^\d*\.?\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!(strength >= 0 && strength <= 1)) {
    throw new AppError('INVALID_ARGUMENT', `Expected --enhance 0 to 1, or off; found "${value}".`);
  }
  return { ...rest, enhance: { level: enhance?.level ?? 'fp32', strength } };
}

function withLevels(
  chain: ChainSettings,
  levels: readonly string[],
  models: readonly ModelManifest[],
): ChainSettings {
  return levels.reduce((changed, text) => withLevel(changed, text, models), chain);
}

function withLevel(chain: ChainSettings, text: string, models: readonly ModelManifest[]): ChainSettings {
  const [, id, level] = /^([^=]+)=([^=]+)$/.exec(text) ?? [];
  if (id === undefined || level === undefined) {
    const message = `Expected --level MODEL=LEVEL, for example ${exampleLevel(models)}; found "${text}".`;
    throw new AppError('INVALID_ARGUMENT', message);
  }
  const model = models.find((manifest) => manifest.id === id);
  if (model === undefined) {
    const known = models.map((manifest) => manifest.id).join(', ') || 'none installed';
    throw new AppError('MODEL_NOT_FOUND', `Expected a model in --level: ${known}; found "${id}".`);
  }
  if (!model.levels.some((known) => known.id === level)) {
    const known = model.levels.map((other) => other.id).join(', ');
    throw new AppError('MODEL_NOT_FOUND', `Expected a level of ${id}: ${known}; found "${level}".`);
  }
  const { enhance, voice } = chain;
  if (model.stage === 'enhance' && enhance !== undefined) return { ...chain, enhance: { ...enhance, level } };
  if (id === voiceModelIds.codes && voice !== undefined) return { ...chain, voice: { ...voice, level } };
  const message =
    id === voiceModelIds.synthesis
      ? `Expected --level ${voiceModelIds.codes}=LEVEL for the voice; found ${id}, whose level is not chosen.`
      : `Expected --level for a stage that runs; found ${id}, whose stage "${model.stage}" is off.`;
  throw new AppError('INVALID_ARGUMENT', message);
}

function exampleLevel(models: readonly ModelManifest[]): string {
  const model = models[0];
  return model === undefined ? 'MODEL=fp32' : `${model.id}=${model.levels[0]?.id ?? 'fp32'}`;
}
