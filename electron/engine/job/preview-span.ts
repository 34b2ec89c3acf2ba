import type { ChainSettings } from '../../contract/chain.js';
import type { Stretch } from '../../contract/preview.js';
import { frameLayout, type ModelTransform } from '../dsp/frame-layout.js';
import { expectRunner } from '../models/model-manifest.js';
import type { ModelHost } from '../models/model-host.js';
import { activeStages } from '../processors/chain.js';
import type { FrameSpan } from './playback-blocks.js';

/** What lies before the stretch and is cut away: more than the enhancer's net looks back (0.7 s) and any window is long. */
const usualLeadSeconds = 2;
/**
 * The voice stage forgets the level and the colour of the microphone with a time constant of 10 s: what came before
 * still counts a little in an export, so that a preview is near to it, not equal.
 */
const voiceLeadSeconds = 10;
/** What lies behind it: the voice stage looks one second ahead, the others less. */
const usualTailSeconds = 1;
/** A voice that is kept is told by 4 s of speech more, without which the neutral one might speak where an export keeps it. */
const keptTailSeconds = 5;
/** The disguise's frames; that a preview of it equals the export is tested. */
const disguiseTransform: ModelTransform = { fftSize: 320, sampleRateHz: 16_000 };

/**
 * What of a recording the chain must be given for a stretch to come out as in an export: of enhance and disguise the same, of another voice
 * near to it. It begins on the grid on which the stages
 * with frames of their own have laid them since the start of the recording.
 * @param length  sample frames of the recording
 * @returns sample frames of the recording, around `stretch`
 * @throws AppError MODEL_NOT_FOUND, MODEL_FAILED where the net that is set is not there
 */
export function previewSpan(
  stretch: Stretch,
  sampleRateHz: number,
  length: number,
  chain: ChainSettings,
  models: ModelHost,
): FrameSpan {
  const stages = activeStages(chain).map(({ stage }) => stage);
  const leadSeconds = stages.includes('voice') ? voiceLeadSeconds : usualLeadSeconds;
  const kept = stages.includes('voice') && chain.voice?.mode === 'keep';
  const tailSeconds = kept ? keptTailSeconds : usualTailSeconds;
  const hops = framesOf(chain, models).map((frames) => frameLayout(frames, sampleRateHz).hopSamples);
  const grid = hops.reduce(leastCommonMultiple, 1);
  const lead = Math.max(0, stretch.startFrame - Math.round(leadSeconds * sampleRateHz));
  return {
    from: Math.floor(lead / grid) * grid,
    to: Math.min(length, stretch.endFrame + Math.round(tailSeconds * sampleRateHz)),
  };
}

function framesOf({ enhance, disguise }: ChainSettings, models: ModelHost): ModelTransform[] {
  return [
    ...(enhance === undefined || enhance.strength === 0
      ? []
      : [expectRunner(models.find('enhance', enhance.level), 'spectral-mask')]),
    ...(disguise === undefined || disguise.strength === 0 ? [] : [disguiseTransform]),
  ];
}

function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
