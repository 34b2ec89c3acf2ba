import type { EnhanceSettings } from '../../../contract/chain.js';
import type { ProcessorDefinition } from '../processor.js';
import { openSpectralMask } from './spectral-mask.js';

/** Speech enhancement: a mask over the spectrogram, phase kept; no delay, any sample rate. */
export const definition: ProcessorDefinition<EnhanceSettings> = {
  id: 'enhance',
  stage: 'enhance',
  check(settings, models) {
    models.find('enhance', settings.level);
  },
  async open(format, settings, context) {
    const { id } = context.models.find('enhance', settings.level);
    return openSpectralMask(format, await context.models.open(id, settings.level), context.signal);
  },
};
