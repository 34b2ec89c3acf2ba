import { readFile, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { AppError } from '../contract/app-error.js';
import { chainSettingsSchema, stageIds, type StageId } from '../contract/chain.js';
import { presetSchema, type Preset } from '../contract/preset.js';
import { processorDefinitions } from '../engine/processors/registry.js';
import { assetFolder } from './asset-folder.js';

/** Presets that ship as files in `assets/presets/`. */
export const shippedPresets = ['clean-only', 'disguise', 'passthrough', 'whistleblower'] as const;

/** Presets of the product whose stages are still to come, with the stages they wait for. */
const laterPresets: Readonly<Record<string, readonly StageId[]>> = {
  interview: ['separate'],
  'field-recording': ['separate'],
  bystanders: ['separate'],
};

/** Stages that can run today. */
export const availableStages: readonly StageId[] = processorDefinitions.map(({ stage }) => stage);

const maxPresetBytes = 1_000_000;

/**
 * @param name  id of a shipped preset, or the path of a JSON file (recognised by its ending or a path separator)
 * @throws AppError STAGE_NOT_AVAILABLE for presets that wait for a stage; PRESET_INVALID for unknown or broken ones
 */
export async function loadPreset(name: string): Promise<Preset> {
  const path = presetFile(name);
  if (path !== null) return readPresetFile(path);
  const missing = Object.hasOwn(laterPresets, name) ? laterPresets[name] : undefined;
  if (missing !== undefined) throw stageNotAvailable(`The preset "${name}"`, missing);
  const message = `Expected a preset: ${shippedPresets.join(', ')}, or the path of a .json file; found "${name}".`;
  throw new AppError('PRESET_INVALID', message);
}

/** @returns the refusal of something that needs stages which cannot run yet */
export function stageNotAvailable(what: string, missing: readonly string[]): AppError {
  const stages = missing.map((stage) => `"${stage}"`).join(' and ');
  const noun = missing.length === 1 ? 'stage' : 'stages';
  const message = `${what} needs the ${noun} ${stages}, not available yet. Available now: ${availableStages.join(', ')}; presets ${shippedPresets.join(', ')}.`;
  return new AppError('STAGE_NOT_AVAILABLE', message, { missing: [...missing] });
}

/** @returns the file that holds the preset `name`, whether it is there or not; null for an id that no preset has today */
export function presetFile(name: string): string | null {
  if (extname(name).toLowerCase() === '.json' || name.includes('/') || name.includes(sep)) return name;
  const isShipped = (shippedPresets as readonly string[]).includes(name);
  return isShipped ? join(assetFolder('presets'), `${name}.json`) : null;
}

async function readPresetFile(path: string): Promise<Preset> {
  const value = parseJson(path, await readText(path));
  refuseLaterStages(path, value);
  const parsed = presetSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.map(String).join('.') ?? '';
  const where = field === '' ? '' : ` at "${field}"`;
  const message = `Expected a preset (sotto.preset/1) in ${path}; found${where}: ${issue?.message ?? 'something else'}.`;
  throw new AppError('PRESET_INVALID', message, { path: field });
}

async function readText(path: string): Promise<string> {
  try {
    const found = await stat(path);
    if (found.isFile() && found.size <= maxPresetBytes) return await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('PRESET_INVALID', `Expected a preset file at ${path}; it cannot be read: ${reason}.`);
  }
  const message = `Expected a preset file of at most ${maxPresetBytes} bytes at ${path}; found something else.`;
  throw new AppError('PRESET_INVALID', message);
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('PRESET_INVALID', `Expected JSON in the preset file ${path}; found: ${reason}.`);
  }
}

/** A preset of a later version is refused by the name of what it needs, not by "unknown key". */
function refuseLaterStages(path: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || !('chain' in value)) return;
  const { chain } = value;
  if (typeof chain !== 'object' || chain === null) return;
  const missing = stageIds.filter((stage) => stage in chain && !(stage in chainSettingsSchema.shape));
  if (missing.length > 0) throw stageNotAvailable(`The preset ${path}`, missing);
}
