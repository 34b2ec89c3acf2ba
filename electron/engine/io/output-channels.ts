/** A standard loudspeaker layout: how WAV, FLAC and Opus all understand a bare count of channels. */
export interface ChannelLayout {
  /** ffmpeg's name of the layout */
  readonly name: string;
  /** dwChannelMask of WAVE_FORMAT_EXTENSIBLE */
  readonly mask: number;
}

/**
 * Layouts by channel count, one to eight, in the order FLAC fixes them (RFC 9639 section 9.1.3); Opus' mapping family 1
 * names the same loudspeakers. The source's own layout is not known to the engine, only its count.
 */
const layouts: readonly ChannelLayout[] = [
  { name: 'mono', mask: 0x4 },
  { name: 'stereo', mask: 0x3 },
  { name: '3.0', mask: 0x7 },
  { name: 'quad', mask: 0x33 },
  { name: '5.0', mask: 0x37 },
  { name: '5.1', mask: 0x3f },
  { name: '6.1', mask: 0x70f },
  { name: '7.1', mask: 0x63f },
];

/** @returns the layout for `channels`; null above eight, where no convention exists (WAV then says mask 0: no positions) */
export function layoutOf(channels: number): ChannelLayout | null {
  return layouts[channels - 1] ?? null;
}
