/** What the window says about live monitoring. */
export const liveWords = {
  title: 'Live monitoring',
  switch: 'Live',
  version: 'Live',
  keyHint: (hear: string, toggle: string) =>
    `Hear Enhance while the recording plays, before anything is rendered (${hear} hears it, ${toggle} switches it on and off). ` +
    'Not loudness-matched. Fast and backward play stay raw.',
  waiting: 'open a recording first',
  loading: 'loading the net …',
  unavailable: (reason: string) => `Live monitoring is not available. ${reason}`,
  notInstalledShort: 'no net for it installed',
  damagedShort: 'its net is damaged',
  unavailableShort: 'not available',
  off: 'hears Enhance at once',
  preparing: 'catching up …',
  bypassed: 'raw: fast or backward',
  strengthOff: 'Enhance is off: as raw',
  withoutDisguise: 'hears Enhance, not the disguise',
  withoutVoice: 'hears Enhance, not the other voice',
  strengthHeard: 'Heard at once by live; process the recording to write it.',
  savedUnknown: 'starts with play',
  saved: (percent: string) => `work saved ${percent}`,
  alwaysInFull: 'this net always works in full',
  meter: 'Share of the net that is switched off',
  notMatched: 'live: not matched',
  overloaded:
    'Live monitoring took too much of the time in which sound has to be ready, so raw is heard again. Close what else keeps this ' +
    'machine busy and switch it on once more, or process the recording to hear the result.',
  failed: (message: string) => `The net of live monitoring could not be opened: ${message}`,
} as const;
