import type { Finding } from '../../../contract/audio-format.js';
import type { VoiceSettings } from '../../../contract/chain.js';
import type { StreamFormat } from '../../dsp/planar.js';
import { leastSpeechFrames } from '../../voice/voice-reference.js';

/** What the synthesis makes ends here. */
const bandHz = 12_000;
/** With less of it the level and the mean F0 of the speaker are hardly known. */
const fewSpeechSeconds = 5;
const framesPerSecond = 100;

/** Frames of 10 ms, counted so far. */
export interface SpeechCounts {
  readonly speechFrames: number;
  readonly unspokenFrames: number;
  readonly quietFrames: number;
}

const oneVoice: Finding = {
  code: 'VOICE_ONE',
  message:
    'Everybody in the recording speaks with one and the same voice. Words, accent and timing stay as they are and can still tell who it is.',
};
/** Of a voice that was kept, wherever it speaks. */
export const keptFinding: Finding = {
  code: 'VOICE_KEPT_NOT_PROTECTION',
  message:
    "The speaker's own voice speaks: the speaker stays recognisable, and this is no protection of identity.",
};
/** Of speech that the neutral voice said where the speaker's own was to be kept. */
export const notKeptCode = 'VOICE_NOT_KEPT';
const runningVoice: Finding = {
  ...keptFinding,
  message:
    `${keptFinding.message} Of how it was said, the codes let through less. The voice is that of the last half minute of speech or so: ` +
    'where several people talk, each gets something of the others.',
};

const runningVoiceWithItsMelody: Finding = {
  ...runningVoice,
  message:
    `${runningVoice.message} The melody is the speaker's own, unchanged, and tells much of how it was said: ` +
    'take pitch flat or template to take it away.',
};

/** @returns what is so in every recording of this format with these settings; nothing of it tells which voice was drawn */
export function voiceFindings(
  { sampleRateHz, channels }: StreamFormat,
  { mode, pitch }: Pick<VoiceSettings, 'mode' | 'pitch'>,
): Finding[] {
  const kept = pitch === 'natural' ? runningVoiceWithItsMelody : runningVoice;
  const findings: Finding[] = [mode === 'keep' ? kept : oneVoice];
  if (sampleRateHz > 2 * bandHz) {
    findings.push({
      code: 'VOICE_BAND',
      message: `Nothing above ${bandHz / 1000} kHz was kept: a voice could be told by it.`,
    });
  }
  if (channels > 1) {
    findings.push({
      code: 'VOICE_MONO',
      message:
        'All channels were heard as one, and carry the same voice, each at its own level. Where the channels differed otherwise, they no longer do.',
    });
  }
  return findings;
}

/**
 * @param neutralFrames  of speech that the neutral voice said where the speaker's own was to be kept, 10 ms each
 * @returns what the counts of a whole recording say
 */
export function speechFindings(
  { speechFrames, unspokenFrames, quietFrames }: SpeechCounts,
  neutralFrames: number,
): Finding[] {
  const findings: Finding[] = [];
  if (neutralFrames > 0) {
    const seconds = (neutralFrames / framesPerSecond).toFixed(2);
    const least = (leastSpeechFrames / framesPerSecond).toFixed(2);
    findings.push({
      code: notKeptCode,
      message: `${seconds} s of speech were spoken with the neutral voice: until some seconds after them less than ${least} s had been heard, too little to read a voice from.`,
    });
  }
  if (unspokenFrames > 0) {
    findings.push({
      code: 'VOICE_UNSPOKEN',
      message:
        'Something loud was not speech, such as laughter, a cough or noise, or was whispered: it was turned down, and is not understood. Listen to those places.',
    });
  }
  if (quietFrames > 0) {
    const seconds = Math.ceil(quietFrames / framesPerSecond);
    findings.push({
      code: 'VOICE_QUIET',
      message:
        `About ${seconds} s that sound like a voice were so much quieter than the rest that they were left out, as when somebody speaks ` +
        'far from the microphone. Listen to the recording there, and bring everybody to one level before if they are needed.',
    });
  }
  if (speechFrames < fewSpeechSeconds * framesPerSecond) {
    findings.push({
      code: 'VOICE_LITTLE_SPEECH',
      message: `Confidence is low: less than ${fewSpeechSeconds} s of voiced speech were found. Listen to the result, and enhance the recording first if it is noisy.`,
    });
  }
  return findings;
}
