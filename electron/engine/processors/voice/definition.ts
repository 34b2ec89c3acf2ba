import type { VoiceSettings } from '../../../contract/chain.js';
import { findVoiceModels } from '../../voice/voice-models.js';
import { expectReference } from '../../voice/voice-reference.js';
import type { ProcessorDefinition } from '../processor.js';
import { openVoice } from './voice-processor.js';

/** The same words by a voice that belongs to nobody, or again by the speaker's own, at the recording's own rate, length and timing. */
export const definition: ProcessorDefinition<VoiceSettings> = {
  id: 'voice',
  stage: 'voice',
  // Its strength moves F0: a mix would still hold the raw voice.
  takesStrength: true,
  check({ level, mode }, models) {
    const { synthesis } = findVoiceModels(models, level);
    if (mode === 'keep') expectReference(synthesis);
  },
  open: openVoice,
};
