import type { LaneName } from '../../../electron/contract/lanes.js';
import type { LaneTrack } from '../waveform/lane-layout.js';

/** Every word about the lanes: what was estimated about speech, noise, pitch and signal-to-noise ratio. */
export const laneWords = {
  title: 'Lanes',
  tracks: {
    speech: 'Speech',
    noise: 'Noise',
    pitch: 'Pitch',
    snr: 'SNR',
  } satisfies Record<LaneTrack, string>,
  unknown: 'unknown',
  unknownTitle: 'Unknown',
  speechIs: (percent: string) => `speech ${percent}`,
  speechUnknown: 'speech unknown',
  noiseUnknown: 'noise unknown',
  noNoise: 'no noise',
  noPitch: 'no pitch',
  pitchUnknown: 'pitch unknown',
  snrUnknown: 'SNR unknown',
  show: 'Show lanes',
  hide: 'Hide lanes',
  atPointer: 'Under the pointer',
  atPlayhead: 'At the play position',
  sayAt: (time: string, values: string) => `${time}: ${values}`,
  legend: 'Colours of the kinds of noise',
  waiting: 'Lanes follow when every recording is read',
  running: (percent: string | null) =>
    percent === null ? 'Estimating lanes …' : `Estimating lanes … ${percent}`,
  stopped: 'The lanes were stopped.',
  failed: (message: string) => `No lanes: ${message}`,
  retry: 'Try again',
  noMore: {
    speech: { next: 'No more speech after this.', previous: 'No speech before this.' },
    pause: { next: 'No more pause after this.', previous: 'No pause before this.' },
  },
  notReady: 'There are no lanes of this recording yet.',

  detailsTitle: 'Speech and noise',
  detailsPending: 'Not estimated yet.',
  detailsNone: 'There are none; the bar under the waveforms says why.',
  estimated: 'Estimated from the enhancer’s own gates; not measured.',
  /** lanes that a net may be unable to tell, within a sentence */
  inSentence: {
    speech: 'speech',
    f0Hz: 'pitch',
    snrDb: 'SNR',
    noise: 'kind of noise',
  } satisfies Record<LaneName, string>,
  and: 'and',
  untold: (lanes: string) => `${lanes} cannot be read by this net.`,
  reportTitle: 'Raw sound',
  none: 'none',
  ofAll: (length: string, percent: string) => `${length}, ${percent}`,
  median: (value: string) => `${value}, median`,
  medianInSpeech: (value: string) => `${value}, median in speech`,
} as const;
