import { laneNames } from '../../electron/contract/lanes.js';
import type { LanesFacts } from '../../electron/contract/lanes.js';

const frameSeconds = 0.016;
const noiseLabels = [
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
 * Sentences with pauses, noise that changes, a stretch of music about which nothing is known.
 * @param seed  different recordings get different noise
 */
export function pretendLanes(seconds: number, seed: number): PretendedLanes {
  const frames = Math.round(seconds / frameSeconds);
  const values = new Float32Array(frames * laneNames.length);
  const kinds = [5, 1, 10, 3 + (seed % 6)];
  const shares = new Map<number, number>();
  let spoken = 0;
  let unknown = 0;
  for (let frame = 0; frame < frames; frame++) {
    const time = frame * frameSeconds;
    const sentence = Math.sin(2 * Math.PI * 0.21 * time + seed) + 0.4 * Math.sin(2 * Math.PI * 0.057 * time);
    const syllable = Math.sin(2 * Math.PI * 3.1 * time);
    const jitter = Math.sin(frame * 12.9898 + seed) * 0.5;
    const talks = sentence > -0.2;
    const music = time % 61 > 15 && time % 61 < 17.5;
    const voiced = talks && syllable > -0.5 && !music;
    const kind = kinds[Math.floor(time / 5.3 + 0.4 * Math.sin(time / 3)) % kinds.length] ?? 0;
    values.set(
      music
        ? [NaN, NaN, NaN, NaN]
        : [
            Math.min(1, Math.max(0, talks ? 0.93 + 0.12 * jitter : 0.06 + 0.1 * jitter)),
            voiced ? 130 * 2 ** (0.35 * Math.sin(1.7 * time) + 0.2 * sentence) : NaN,
            (talks ? 17 : -2) + 6 * Math.sin(0.5 * time) + 2 * jitter,
            frame % 700 < 30 ? NaN : kind,
          ],
      frame * laneNames.length,
    );
    if (music) unknown++;
    else shares.set(kind, (shares.get(kind) ?? 0) + 1);
    if (talks && !music) spoken++;
  }
  const noise = [...shares]
    .map(([kind, count]) => ({ label: noiseLabels[kind] ?? '', share: count / (frames - unknown) }))
    .filter(({ share }) => share >= 0.05)
    .sort((one, other) => other.share - one.share);
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
        noise,
        snrDb: 16.6,
        f0Hz: 141.2,
      },
    },
  };
}
