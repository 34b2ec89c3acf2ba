import type { LanesFacts, LanesSummary } from '../../contract/lanes.js';
import { laneCount, laneOf, speechThreshold, type Lanes } from './lanes.js';

/** A kind of noise that holds less is not worth a word. */
const smallestShare = 0.05;

/**
 * A recording's lanes in a few figures. Every frame stands for the part of the recording that is nearest to it: the seconds add up
 * to the recording's length. Seconds are rounded to milliseconds, shares to a thousandth, dB and Hz to tenths.
 */
export function summarise(lanes: Lanes): LanesSummary {
  const { frames, seconds, values, noiseLabels } = lanes;
  let speechSeconds = 0;
  let unknownSeconds = 0;
  let noiseSeconds = 0;
  const kindSeconds = new Float64Array(noiseLabels.length);
  const speechSnrDb = new Float32Array(frames);
  let speechFrames = 0;
  for (let t = 0, at = 0; t < frames; t++, at += laneCount) {
    const speech = values[at]!;
    const frameSeconds = secondsOf(lanes, t);
    if (Number.isNaN(speech)) unknownSeconds += frameSeconds;
    const noise = values[at + 3]!;
    if (!Number.isNaN(noise)) {
      noiseSeconds += frameSeconds;
      kindSeconds[noise]! += frameSeconds;
    }
    if (!(speech >= speechThreshold)) continue;
    speechSeconds += frameSeconds;
    speechSnrDb[speechFrames++] = values[at + 2]!;
  }
  const noise = noiseLabels
    .map((label, i) => ({ label, share: noiseSeconds === 0 ? 0 : kindSeconds[i]! / noiseSeconds }))
    .filter(({ share }) => share >= smallestShare)
    .sort((a, b) => b.share - a.share)
    .map(({ label, share }) => ({ label, share: rounded(share, 3) }));
  const snrDb = median(speechSnrDb.subarray(0, speechFrames));
  const f0Hz = median(laneOf(lanes, 'f0Hz').filter((value) => !Number.isNaN(value)));
  return {
    seconds: rounded(seconds, 3),
    speechSeconds: rounded(speechSeconds, 3),
    unknownSeconds: rounded(unknownSeconds, 3),
    noise,
    snrDb: snrDb === null ? null : rounded(snrDb, 1),
    f0Hz: f0Hz === null ? null : rounded(f0Hz, 1),
  };
}

/** @returns what a reader of the lanes file must know */
export function lanesFacts(lanes: Lanes): LanesFacts {
  const { frameSeconds, frames, noiseLabels, untold } = lanes;
  return {
    frameSeconds,
    frames,
    noiseLabels: [...noiseLabels],
    summary: summarise(lanes),
    untold: [...untold],
  };
}

/** @returns `value` with `digits` decimals */
export function rounded(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}

/** The part of the recording that is nearer to frame `t` than to any other. */
function secondsOf({ frameSeconds, seconds }: Lanes, t: number): number {
  const from = Math.max(0, (t - 0.5) * frameSeconds);
  const to = Math.min(seconds, (t + 0.5) * frameSeconds);
  return Math.max(0, to - from);
}

/** @param values  in any order; sorted in place */
function median(values: Float32Array): number | null {
  if (values.length === 0) return null;
  values.sort();
  const middle = values.length / 2;
  const upper = values[Math.floor(middle)]!;
  return Number.isInteger(middle) ? (values[middle - 1]! + upper) / 2 : upper;
}
