import { AppError } from '../../../contract/app-error.js';
import { alphaRange, type DisguiseSettings } from '../../../contract/chain.js';
import type { ProcessorDefinition } from '../processor.js';
import { drawAlpha } from './draw-alpha.js';
import { openMcAdams } from './mcadams.js';

/** Disguise, not protection: resonances of the voice are moved, without a model; no delay, any sample rate. */
export const definition: ProcessorDefinition<DisguiseSettings> = {
  id: 'disguise',
  stage: 'disguise',
  takesStrength: true,
  check({ alpha }) {
    if (alpha === 'random' || (alpha >= alphaRange.from && alpha <= alphaRange.to)) return;
    const { from, to } = alphaRange;
    const message = `Expected an alpha from ${from} to ${to}, or "random", for the disguise; found ${alpha}.`;
    throw new AppError('INVALID_ARGUMENT', message);
  },
  open(format, { strength, alpha }, { signal }) {
    const drawn = alpha === 'random' ? drawAlpha() : alpha;
    return openMcAdams(format, 1 - strength * (1 - drawn), signal);
  },
};
