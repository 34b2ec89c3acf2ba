import type { VoiceSettings } from '../../../electron/contract/chain.js';

interface Choice {
  readonly label: string;
  /** what is kept and what goes */
  readonly text: string;
}

/** What the window says about the voice stage. It promises nothing: how much protects whom is measured, not worded. */
export const voiceWords = {
  stage: 'Voice',
  strength: 'Voice strength',
  strengthText:
    'Below 100 % the pitch keeps some of the speaker’s own; the timbre is still the other voice’s.',
  text: 'Says the same words in a synthetic voice. Words, language and pace stay, and can tell who speaks. How much that protects has not been measured yet.',
  /** in place of `strengthText`, `text` and `hint` where the speaker keeps their voice */
  kept: {
    strengthText: 'Below 100 % the pitch keeps some of the speaker’s own.',
    text: 'Says the same words again in the speaker’s own voice, and lets less through of how they were said, such as emotion. How much less has not been measured yet.',
    hint: 'Where several people talk, each gets something of the others. Nothing above 12 kHz is kept.',
    natural:
      'Keeps the melody as it is, so that strength moves nothing. A melody tells much of how something was said: Flat or Template takes it away.',
  },
  hint: 'Several people get one voice, and nothing above 12 kHz is kept.',
  notInstalled:
    'Not installed: the models voice-codes and voice-synthesis do not come with this version yet.',
  presetNotInstalled: (title: string) => `${title} (voice not installed)`,
  level: 'Codes',
  levelGone: (level: string, title: string) =>
    `The codes "${level}" that were set are not installed any more. Voice now runs with: ${title}.`,
  disguiseOff: 'Disguise was turned off: only one of Voice and Disguise runs.',
  voiceOff: 'Voice was turned off: only one of Voice and Disguise runs. Disguise is no protection.',
  mode: 'Voice',
  modes: {
    random: {
      label: 'Random',
      text: 'A new mixture of synthetic voices in each export, kept nowhere.',
    },
    neutral: { label: 'Neutral', text: 'One synthetic voice, the same for everybody and in every export.' },
    keep: {
      label: 'Keep',
      text: 'The speaker’s own voice, read from the recording. The speaker stays recognisable: no protection of identity.',
    },
  } satisfies Record<VoiceSettings['mode'], Choice>,
  pitch: 'Pitch',
  pitches: {
    natural: {
      label: 'Natural',
      text: 'Keeps the melody, at the other voice’s height. A melody can tell who speaks.',
    },
    flat: {
      label: 'Flat',
      text: 'One pitch throughout: the melody goes, and emphasis and questions with it.',
    },
    template: {
      label: 'Template',
      text: 'A melody of its own; the speaker’s pauses and unvoiced sounds stay.',
    },
  } satisfies Record<VoiceSettings['pitch'], Choice>,
  clarity: 'Clarity',
  clarities: {
    strict: {
      label: 'Strict',
      text: 'Keeps least of how it was said; some sounds are taken for others.',
    },
    balanced: {
      label: 'Balanced',
      text: 'Keeps some of how it was said, and some of who said it.',
    },
    clear: { label: 'Clear', text: 'Keeps more of how it was said, also of who said it.' },
  } satisfies Record<VoiceSettings['clarity'], Choice>,
} as const;
