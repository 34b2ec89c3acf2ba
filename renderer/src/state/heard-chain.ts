import { changesVoice } from '../../../electron/contract/chain.js';
import type { ChainSettings } from '../../../electron/contract/chain.js';
import { sameChain } from './settings.svelte.js';

/**
 * @param chain  that a rendering was made with
 * @returns the strength it was made with, where playback can mix every other one from it; null once the voice was changed, for then raw
 *   and rendered are two voices, and mixed they are heard both
 */
export function mixableStrength(chain: ChainSettings | undefined): number | null {
  return chain && changesVoice(chain) ? null : (chain?.enhance?.strength ?? 0);
}

/** @returns whether playback makes of a rendering with `rendered` what `wanted` would sound like; it applies strength by itself */
export function soundsAs(rendered: ChainSettings, wanted: ChainSettings): boolean {
  return sameChain(atFullStrength(rendered), atFullStrength(wanted));
}

function atFullStrength(chain: ChainSettings): ChainSettings {
  const { enhance } = chain;
  if (enhance === undefined || !(mixableStrength(chain) ?? 0)) return chain;
  return { ...chain, enhance: { ...enhance, strength: 1 } };
}
