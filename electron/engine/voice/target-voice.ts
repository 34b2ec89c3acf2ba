import type { VoiceSettings } from '../../contract/chain.js';
import type { VoiceTable } from '../models/voice-table.js';
import { mixedVoice, type TargetVoice } from './voice-mixture.js';
import { drawMixture, neutralVoice, systemRandom, type UnitRandom } from './target-mixture.js';

/** Where nothing is drawn: one melody and one noise for all. */
const fixedSeeds = { melodySeed: 0x6e65_7574, noiseSeed: 0x5074_7010 } as const;

/** Who speaks, and what the template's melody and the noise of the source are drawn from: 32 bits each, not 0. */
export interface Target {
  readonly voice: TargetVoice;
  readonly melodySeed: number;
  readonly noiseSeed: number;
}

/**
 * @param who  a mode, or a voice that is known already
 * @returns who speaks; with `keep` who does so while nothing is known of the speaker: the neutral voice
 * @param random  what a random target is drawn from. Its noise is drawn too: with the same noise in every export an excerpt would
 *   tell where it was cut, and two exports of one recording could be laid over each other.
 */
export function targetOf(
  who: VoiceSettings['mode'] | TargetVoice,
  table: VoiceTable,
  random: UnitRandom = systemRandom,
): Target {
  if (typeof who === 'object') return { voice: who, ...fixedSeeds };
  if (who !== 'random') return { voice: neutralVoice(table), ...fixedSeeds };
  const seed = (): number => 1 + Math.floor(random() * 0xffff_fffe);
  const voice = mixedVoice(table, drawMixture(table, random));
  return { voice, melodySeed: seed(), noiseSeed: seed() };
}
