import { AppError } from '../contract/app-error.js';
import { outputFormatSchema } from '../contract/audio-format.js';
import { alphaRange, type ChainSettings, type DisguiseSettings } from '../contract/chain.js';
import type { JobSettings } from '../contract/job.js';
import { namePolicySchema } from '../contract/preset.js';
import type { ModelManifest } from '../engine/models/model-manifest.js';
import { loadPreset, stageNotAvailable } from './presets.js';

/** The options of `sanitize` that say what to do with a recording, as typed. */
export interface SettingOptions {
  readonly preset: string;
  readonly enhance?: string | undefined;
  readonly separate?: string | undefined;
  readonly voice?: string | undefined;
  readonly alpha?: string | undefined;
  readonly pitch?: string | undefined;
  readonly clarity?: string | undefined;
  readonly stems?: string | undefined;
  readonly level: readonly string[];
  readonly format?: string | undefined;
  readonly names?: string | undefined;
}

/** Words of options that can be said today, beside those whose stage is still to come: a typing error is told from a missing stage. */
const readyWords: Readonly<Record<string, readonly string[]>> = {
  separate: ['off'],
  voice: ['off', 'disguise'],
  // What every voice does without a stage for it, the disguised one too.
  pitch: ['natural'],
};

const laterOptions = {
  separate: { stage: 'separate', words: ['off', 'speech', 'background'] },
  voice: { stage: 'voice', words: ['off', 'keep', 'random', 'neutral', 'disguise'] },
  pitch: { stage: 'voice', words: ['natural', 'flat', 'template'] },
  clarity: { stage: 'voice', words: ['strict', 'balanced', 'clear'] },
} as const;

/**
 * Turns a preset and the options that override it into the settings of a job.
 * @param models  manifests that `--level` may name
 * @throws AppError INVALID_ARGUMENT, STAGE_NOT_AVAILABLE, PRESET_INVALID, MODEL_NOT_FOUND
 */
export async function settingsFromOptions(
  options: SettingOptions,
  models: readonly ModelManifest[],
): Promise<JobSettings> {
  refuseLaterStages(options);
  const preset = await loadPreset(options.preset);
  const stages = withDisguise(withEnhance(preset.chain, options.enhance), options);
  const chain = withLevels(stages, options.level, models);
  return {
    chain,
    export: {
      format: oneOf('--format', options.format ?? preset.export.format, outputFormatSchema.options),
      names: oneOf('--names', options.names ?? preset.export.names, namePolicySchema.options),
    },
  };
}

function refuseLaterStages(options: SettingOptions): void {
  for (const name of ['separate', 'voice', 'pitch', 'clarity'] as const) {
    const value = options[name];
    if (value === undefined) continue;
    const { stage, words } = laterOptions[name];
    oneOf(`--${name}`, value, words);
    if (!readyWords[name]?.includes(value)) throw stageNotAvailable(`--${name} ${value}`, [stage]);
  }
  if (options.stems !== undefined) throw stageNotAvailable('--stems', ['separate']);
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

/** `--voice` adds or removes the stage; `--alpha` says how far it goes, also for one that a preset brought. */
function withDisguise(chain: ChainSettings, { voice, alpha }: SettingOptions): ChainSettings {
  const { disguise, ...rest } = chain;
  // A preset may hold a disguise of strength 0, which would let the raw voice through.
  const runs = disguise !== undefined && disguise.strength > 0;
  const wanted = voice === 'disguise' && !runs ? fullDisguise : disguise;
  const settings = voice === 'off' ? undefined : wanted;
  if (alpha === undefined) return settings === undefined ? rest : { ...rest, disguise: settings };
  const said = alphaOf(alpha);
  if (settings === undefined || settings.strength === 0) {
    throw new AppError(
      'INVALID_ARGUMENT',
      'Expected --alpha together with --voice disguise; found no disguise to run.',
    );
  }
  return { ...rest, disguise: { ...settings, alpha: said } };
}

const fullDisguise: DisguiseSettings = { strength: 1, alpha: 'random' };

function alphaOf(text: string): DisguiseSettings['alpha'] {
  if (text === 'random') return text;
  const alpha = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  const { from, to } = alphaRange;
  if (alpha >= from && alpha <= to) return alpha;
  throw new AppError('INVALID_ARGUMENT', `Expected --alpha ${from} to ${to}, or random; found "${text}".`);
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
  const { enhance } = chain;
  if (model.stage !== 'enhance' || enhance === undefined) {
    const message = `Expected --level for a stage that runs; found ${id}, whose stage "${model.stage}" is off.`;
    throw new AppError('INVALID_ARGUMENT', message);
  }
  return { ...chain, enhance: { ...enhance, level } };
}

function exampleLevel(models: readonly ModelManifest[]): string {
  const model = models[0];
  return model === undefined ? 'MODEL=fp32' : `${model.id}=${model.levels[0]?.id ?? 'fp32'}`;
}

function oneOf<Word extends string>(option: string, value: string, words: readonly Word[]): Word {
  const word = words.find((known) => known === value);
  if (word !== undefined) return word;
  throw new AppError('INVALID_ARGUMENT', `Expected ${option} ${words.join(' | ')}; found "${value}".`);
}
