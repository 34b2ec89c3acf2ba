import { randomInt } from 'node:crypto';
import type { VoiceTable } from '../models/voice-table.js';
import { mixedVoice, type TargetVoice, type VoiceMixture } from './voice-mixture.js';

const steps = 2 ** 32;
/** How often a voice of the mixture speaks English. */
const englishShare = 0.7;
/** How often a target is one voice, a mixture of two, of three: as in training. */
const countShares = [0.2, 0.6, 0.2] as const;
const englishName = /^[ab]/;
const womansName = /^.f_/;

/** Even over above 0 to below 1. */
export type UnitRandom = () => number;

/** From the system's random source: what is drawn is kept nowhere, and nobody can draw it again. */
export const systemRandom: UnitRandom = () => (randomInt(steps) + 0.5) / steps;

/**
 * Draws the voice of one export: one to three voices, mostly English ones, with weights of a Dirichlet distribution of 2.
 * @see `native-models/common/sotto_models/voice/pairs.py`, `target_mixture`: what the synthesis was trained to speak with
 */
export function drawMixture({ voices }: VoiceTable, random: UnitRandom = systemRandom): VoiceMixture {
  const names = voices.map(({ name }) => name);
  const count = Math.min(names.length, drawCount(random()));
  const mixture = new Map<string, number>();
  while (mixture.size < count) {
    const english = random() < englishShare;
    const left = names.filter((name) => !mixture.has(name));
    const wanted = left.filter((name) => englishName.test(name) === english);
    const pool = wanted.length > 0 ? wanted : left;
    // A gamma variable of shape 2 is the sum of two exponential ones; weights need no sum of 1.
    const weight = -Math.log(random()) - Math.log(random());
    mixture.set(pool[Math.floor(random() * pool.length)]!, weight);
  }
  return mixture;
}

/** The one voice for all: every English one in equal parts, halfway between the registers of men and women. */
export function neutralVoice(table: VoiceTable): TargetVoice {
  const english = table.voices.filter(({ name }) => englishName.test(name));
  const chosen = english.length > 0 ? english : table.voices;
  const { vector, registerHz } = mixedVoice(table, new Map(chosen.map(({ name }) => [name, 1])));
  const women = meanOctaves(chosen.filter(({ name }) => womansName.test(name)));
  const men = meanOctaves(chosen.filter(({ name }) => !womansName.test(name)));
  const halfway = women === null || men === null ? registerHz : 2 ** ((women + men) / 2);
  return { vector, registerHz: halfway };
}

function drawCount(at: number): number {
  const [one, two] = countShares;
  if (at < one) return 1;
  return at < one + two ? 2 : 3;
}

function meanOctaves(voices: VoiceTable['voices']): number | null {
  if (voices.length === 0) return null;
  return voices.reduce((sum, { registerHz }) => sum + Math.log2(registerHz), 0) / voices.length;
}
