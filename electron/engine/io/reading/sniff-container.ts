/** Container families that are told apart by their first bytes. */
export type ContainerFamily =
  | 'riff-wave'
  | 'wave64'
  | 'aiff'
  | 'flac'
  | 'ogg'
  | 'mp4'
  | 'matroska'
  | 'caf'
  | 'asf'
  | 'wavpack'
  | 'mpeg-audio';

/** Bytes of a file's beginning that {@link sniffContainer} wants. */
export const sniffBytes = 32;

/**
 * @param head  the first {@link sniffBytes} bytes of a file behind any ID3v2 tag, or fewer
 * @returns the family whose signature stands there; null when none does
 */
export function sniffContainer(head: Buffer): ContainerFamily | null {
  const at = (offset: number, length = 4): string => head.toString('latin1', offset, offset + length);
  const first = at(0);
  if (['RIFF', 'RIFX', 'RF64', 'BW64'].includes(first) && at(8) === 'WAVE') return 'riff-wave';
  if (first === 'riff' && at(24) === 'wave') return 'wave64';
  if (first === 'FORM' && ['AIFF', 'AIFC'].includes(at(8))) return 'aiff';
  if (first === 'fLaC') return 'flac';
  if (first === 'OggS') return 'ogg';
  if (['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip'].includes(at(4))) return 'mp4';
  if (head.length >= 4 && head.readUInt32BE(0) === 0x1a45dfa3) return 'matroska';
  if (first === 'caff') return 'caf';
  if (head.length >= 4 && head.readUInt32BE(0) === 0x3026b275) return 'asf';
  if (first === 'wvpk') return 'wavpack';
  if (head.length >= 2 && head[0] === 0xff && ((head[1] ?? 0) & 0xe0) === 0xe0) return 'mpeg-audio';
  return null;
}
