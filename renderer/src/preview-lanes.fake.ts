import { laneNames } from '../../electron/contract/lanes.js';
import type { LanesFacts } from '../../electron/contract/lanes.js';

const frameSeconds = 0.016;
/** As with the net that is shipped. */
const untold: LanesFacts['untold'] = ['f0Hz', 'noise'];
/** Kinds of noise that a net tells. */
export const noiseLabels = [
  'babble',
  'traffic',
  'transport',
  'office',
  'machine',
  'rain',
  'wind',
  'water',
  'animals at night',
  'crackle',
  'speech-free silence',
];

/** Lanes as the engine would write them, of a recording that does not exist. */
export interface PretendedLanes {
  /** [frames][{@link laneNames}] */
  readonly values: Float32Array<ArrayBuffer>;
  readonly facts: LanesFacts;
}

/**
 * Sentences with pauses, a stretch of music about which nothing is known.
 * @param seed  different recordings get different sentences
 */
export function pretendLanes(seconds: number, seed: number): PretendedLanes {
  const frames = Math.round(seconds / frameSeconds);
  const values = new Float32Array(frames * laneNames.length);
  let spoken = 0;
  let unknown = 0;
  for (let frame = 0; frame < frames; frame++) {
    const time = frame * frameSeconds;
    const sentence = Math.sin(2 * Math.PI * 0.21 * time + seed) + 0.4 * Math.sin(2 * Math.PI * 0.057 * time);
    const jitter = Math.sin(frame * 12.9898 + seed) * 0.5;
    const talks = sentence > -0.2;
    const music = time % 61 > 15 && time % 61 < 17.5;
    values.set(
      music
        ? [NaN, NaN, NaN, NaN]
        : [
            Math.min(1, Math.max(0, talks ? 0.93 + 0.12 * jitter : 0.06 + 0.1 * jitter)),
            NaN,
            (talks ? 17 : -2) + 6 * Math.sin(0.5 * time) + 2 * jitter,
            NaN,
          ],
      frame * laneNames.length,
    );
    if (music) unknown++;
    if (talks && !music) spoken++;
  }
  return {
    values,
    facts: {
      frameSeconds,
      frames,
      noiseLabels,
      summary: {
        seconds,
        speechSeconds: spoken * frameSeconds,
        unknownSeconds: unknown * frameSeconds,
        noise: [],
        snrDb: 16.6,
        f0Hz: null,
      },
      untold,
    },
  };
}
