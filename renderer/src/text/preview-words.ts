import type { ChainSettings } from '../../../electron/contract/chain.js';
import { mostPreviewSeconds, unselectedPreviewSeconds } from '../state/preview-stretch.js';

/** What the window says about hearing a stretch before anything is exported. */
export const previewWords = {
  title: 'Preview',
  button: 'Preview',
  cancel: 'Cancel preview',
  version: 'Preview',
  oldVersion: 'Old preview',
  progress: 'Progress of the preview',
  willBeSelection: (length: string) => `Renders the selection (${length}).`,
  willBeCut: `Renders the first ${mostPreviewSeconds} s of the selection.`,
  willBeAround: (length: string) => `Renders ${length} around the position; select a stretch to hear that.`,
  cut: `A preview lasts ${mostPreviewSeconds} s at most: the first ${mostPreviewSeconds} s of the selection are rendered.`,
  waiting: 'Waits until the export that runs is done.',
  rendering: 'Rendering …',
  ready: (from: string, to: string) => `${from} to ${to}, as the chain is set.`,
  keys: (hear: string, raw: string) => `${hear} hears it, ${raw} raw.`,
  stale: 'Settings changed: preview again.',
  drawsVoice: 'The export draws another voice.',
  nearVoice: 'The voice sounds near to this in the export, not equal: it follows more of the recording.',
  drawsDisguise: 'The export draws another disguise.',
  nothingRuns: 'Nothing to preview: no stage is on. Turn one on, then preview again.',
  nothingLoaded: `Nothing to preview yet: open a recording and wait for its waveform. Without a selection, ${unselectedPreviewSeconds} s are heard.`,
  readyHere: (hear: string) => `The preview is ready: ${hear} hears it.`,
  readyElsewhere: (name: string) => `The preview of ${name} is ready: select the recording to hear it.`,
} as const;

/** @returns what of this chain will sound otherwise in the export; empty where the samples are the same */
export function otherInExport({ voice, disguise }: ChainSettings): string {
  if (voice && voice.strength > 0) {
    return voice.mode === 'random' ? previewWords.drawsVoice : previewWords.nearVoice;
  }
  const random = disguise?.alpha === 'random' && disguise.strength > 0;
  return random ? previewWords.drawsDisguise : '';
}
