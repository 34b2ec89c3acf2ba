import { AppError } from '../../contract/app-error.js';
import { stageIds, type ChainSettings, type StageId } from '../../contract/chain.js';
import type { StreamFormat } from '../dsp/planar.js';
import type { ModelHost } from '../models/model-host.js';
import type { Processor, ProcessorContext, ProcessorDefinition } from './processor.js';
import { processorDefinitions, type StageSettings } from './registry.js';
import { withStrength } from './strength.js';

/** A stage that runs: it is in the chain and its strength is above 0. */
export interface ActiveStage {
  readonly stage: StageId;
  readonly settings: StageSettings;
}

/** @returns the stages that run, in signal order; entry n belongs to processor n of {@link openChain} */
export function activeStages(chain: ChainSettings): ActiveStage[] {
  const settingsByStage: Partial<Record<StageId, StageSettings | undefined>> = chain;
  return stageIds.flatMap((stage) => {
    const settings = settingsByStage[stage];
    return settings !== undefined && settings.strength !== 0 ? [{ stage, settings }] : [];
  });
}

/**
 * Says what cannot run before anything is decoded.
 * @throws AppError STAGE_NOT_AVAILABLE, INVALID_ARGUMENT, MODEL_NOT_FOUND
 */
export function checkChain(chain: ChainSettings, models: ModelHost): void {
  for (const { stage, settings } of activeStages(chain)) {
    if (!(settings.strength > 0 && settings.strength <= 1)) {
      throw new AppError(
        'INVALID_ARGUMENT',
        `Expected a strength from 0 to 1 for "${stage}", found ${settings.strength}.`,
        { stage },
      );
    }
    definitionOf(stage).check(settings, models);
  }
}

/**
 * Opens every stage that runs, in signal order; none for an empty chain. The caller closes each of them.
 * @returns processors to be fed one into the next, strengths applied
 * @throws AppError as {@link checkChain}, and MODEL_CHECKSUM_MISMATCH, MODEL_FAILED; whatever was open already is closed
 */
export async function openChain(
  format: StreamFormat,
  chain: ChainSettings,
  context: ProcessorContext,
): Promise<Processor[]> {
  checkChain(chain, context.models);
  const processors: Processor[] = [];
  try {
    for (const { stage, settings } of activeStages(chain)) {
      const definition = definitionOf(stage);
      const processor = await definition.open(format, settings, context);
      const mixed = definition.takesStrength === true ? 1 : settings.strength;
      processors.push(withStrength(processor, mixed, format.channels));
    }
    return processors;
  } catch (error) {
    for (const processor of processors) processor.close();
    throw error;
  }
}

function definitionOf(stage: StageId): ProcessorDefinition<StageSettings> {
  const definition = processorDefinitions.find((candidate) => candidate.stage === stage);
  if (definition) return definition;
  const available = processorDefinitions.map((candidate) => candidate.stage).join(', ');
  throw new AppError(
    'STAGE_NOT_AVAILABLE',
    `This version of Sotto cannot run the stage "${stage}"; it has: ${available}. Turn the stage off, or take another preset.`,
    { stage },
  );
}
