import { AppError } from '../contract/app-error.js';
import {
  alphaRange,
  voiceSettingsSchema,
  type ChainSettings,
  type DisguiseSettings,
  type VoiceSettings,
} from '../contract/chain.js';
import { oneOf } from './one-of.js';

/** The options that say what becomes of the voice, as typed. */
export interface VoiceOptions {
  readonly voice?: string | undefined;
  readonly alpha?: string | undefined;
  readonly pitch?: string | undefined;
  readonly clarity?: string | undefined;
}

const voiceWords = ['off', ...voiceSettingsSchema.shape.mode.options, 'disguise'] as const;
type VoiceWord = (typeof voiceWords)[number];

const fullDisguise: DisguiseSettings = { strength: 1, alpha: 'random' };

/**
 * `--voice` adds or removes the stages voice and disguise, of which one runs at most; the other options say how that one runs, also
 * where a preset brought it.
 * @throws AppError INVALID_ARGUMENT
 */
export function withVoice(chain: ChainSettings, options: VoiceOptions): ChainSettings {
  const word = options.voice === undefined ? undefined : oneOf('--voice', options.voice, voiceWords);
  const { voice: _voice, disguise: _disguise, ...rest } = chain;
  const voice = spokenVoice(chosenVoice(chain.voice, word), options);
  const disguise = alphaSaid(chosenDisguise(chain.disguise, word), options.alpha);
  return { ...rest, ...(voice && { voice }), ...(disguise && { disguise }) };
}

function chosenVoice(preset: VoiceSettings | undefined, word?: VoiceWord): VoiceSettings | undefined {
  if (word === undefined) return preset;
  if (word === 'off' || word === 'disguise') return undefined;
  return preset === undefined ? voiceSettingsSchema.parse({ mode: word }) : { ...preset, mode: word };
}

/** A stage of strength 0, which a preset may hold, would let the raw voice through where a disguise was asked for. */
function chosenDisguise(
  preset: DisguiseSettings | undefined,
  word?: VoiceWord,
): DisguiseSettings | undefined {
  if (word === undefined) return preset;
  if (word !== 'disguise') return undefined;
  return preset !== undefined && preset.strength > 0 ? preset : fullDisguise;
}

function spokenVoice(settings: VoiceSettings | undefined, said: VoiceOptions): VoiceSettings | undefined {
  const { pitch, clarity } = voiceSettingsSchema.shape;
  const part = {
    ...(said.pitch !== undefined && { pitch: oneOf('--pitch', said.pitch, pitch.unwrap().options) }),
    ...(said.clarity !== undefined && {
      clarity: oneOf('--clarity', said.clarity, clarity.unwrap().options),
    }),
  };
  if (settings !== undefined) return { ...settings, ...part };
  // A voice that is left alone, or only disguised, has its natural pitch.
  const idle =
    part.clarity !== undefined ? '--clarity' : (part.pitch ?? 'natural') !== 'natural' && '--pitch';
  if (idle === false) return settings;
  throw new AppError(
    'INVALID_ARGUMENT',
    `Expected ${idle} together with --voice random, neutral or keep; found no voice to speak.`,
  );
}

function alphaSaid(settings: DisguiseSettings | undefined, alpha?: string): DisguiseSettings | undefined {
  if (alpha === undefined) return settings;
  const said = alphaOf(alpha);
  if (settings !== undefined && settings.strength > 0) return { ...settings, alpha: said };
  throw new AppError(
    'INVALID_ARGUMENT',
    'Expected --alpha together with --voice disguise; found no disguise to run.',
  );
}

function alphaOf(text: string): DisguiseSettings['alpha'] {
  if (text === 'random') return text;
  const alpha = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  const { from, to } = alphaRange;
  if (alpha >= from && alpha <= to) return alpha;
  throw new AppError('INVALID_ARGUMENT', `Expected --alpha ${from} to ${to}, or random; found "${text}".`);
}
