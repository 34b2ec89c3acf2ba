import type { FileBytes } from './file-bytes.js';

/** What the first frame of an MP3 says about the whole file. */
export interface Mp3FirstFrame {
  /** where the frame begins, behind an ID3v2 tag */
  readonly offset: number;
  /** `Xing` (variable bit rate) or `Info` (constant); null when there is none */
  readonly tag: 'Xing' | 'Info' | null;
  /** the encoder's own words, e.g. LAME3.100; empty when it says nothing */
  readonly encoder: string;
  /** exact sample frames after cutting the encoder's delay and padding; null when the file does not say */
  readonly sampleFrames: number | null;
}

/** A decoder's own delay for layer III, which the LAME tag counts from. */
const decoderDelaySamples = 529;

/**
 * Reads the Xing/Info frame with the LAME extension, the only place where an MP3 states its length.
 * @returns null when no layer III frame stands behind the tags
 * @see http://gabriel.mp3-tech.org/mp3infotag.html
 */
export async function readMp3FirstFrame(bytes: FileBytes): Promise<Mp3FirstFrame | null> {
  const start = await skipId3v2(bytes);
  const searched = await bytes.read(start, 8192);
  for (let at = 0; at + 4 <= searched.length; at++) {
    const header = layer3Header(searched.readUInt32BE(at));
    if (header === null) continue;
    const tagAt = at + 4 + header.sideInfoBytes;
    const id = searched.toString('latin1', tagAt, tagAt + 4);
    const tag = id === 'Xing' || id === 'Info' ? id : null;
    if (tag === null || tagAt + 8 > searched.length) {
      return { offset: start + at, tag: null, encoder: '', sampleFrames: null };
    }
    return { offset: start + at, tag, ...readInfo(searched, tagAt, header.frameSamples) };
  }
  return null;
}

/** @returns where the sound begins: behind any ID3v2 tags at the start of the file */
export async function skipId3v2(bytes: FileBytes): Promise<number> {
  let offset = 0;
  // Some files carry two tags, one behind the other; more than a few is not a recording.
  for (let n = 0; n < 4; n++) {
    const head = await bytes.read(offset, 10);
    if (head.length < 10 || head.toString('latin1', 0, 3) !== 'ID3') break;
    const size =
      (((head[6] ?? 0) & 0x7f) << 21) |
      (((head[7] ?? 0) & 0x7f) << 14) |
      (((head[8] ?? 0) & 0x7f) << 7) |
      ((head[9] ?? 0) & 0x7f);
    const footer = ((head[5] ?? 0) & 0x10) === 0 ? 0 : 10;
    offset += 10 + size + footer;
  }
  return offset;
}

function layer3Header(word: number): { frameSamples: number; sideInfoBytes: number } | null {
  const version = (word >>> 19) & 3; // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5, 1: reserved
  const layer = (word >>> 17) & 3; // 1: layer III
  const bitRate = (word >>> 12) & 15;
  const sampleRate = (word >>> 10) & 3;
  const synced = word >>> 21 === 0x7ff;
  if (!synced || version === 1 || layer !== 1 || bitRate === 15 || sampleRate === 3) return null;
  const mono = ((word >>> 6) & 3) === 3;
  if (version === 3) return { frameSamples: 1152, sideInfoBytes: mono ? 17 : 32 };
  return { frameSamples: 576, sideInfoBytes: mono ? 9 : 17 };
}

function readInfo(
  bytes: Buffer,
  tagAt: number,
  frameSamples: number,
): { encoder: string; sampleFrames: number | null } {
  const flags = bytes.readUInt32BE(tagAt + 4);
  let at = tagAt + 8;
  let frames: number | null = null;
  if ((flags & 1) !== 0) {
    if (at + 4 <= bytes.length) frames = bytes.readUInt32BE(at);
    at += 4;
  }
  if ((flags & 2) !== 0) at += 4; // bytes
  if ((flags & 4) !== 0) at += 100; // seek table
  if ((flags & 8) !== 0) at += 4; // quality
  const encoder = bytes
    .toString('latin1', at, at + 9)
    .replace(/[^\x20-\x7e]/g, '')
    .trim();
  if (frames === null || frames === 0) return { encoder, sampleFrames: null };
  const total = frames * frameSamples;
  if (!/^(LAME|Lav[fc])/.test(encoder) || at + 24 > bytes.length) return { encoder, sampleFrames: total };
  const gap = bytes.readUIntBE(at + 21, 3);
  const delay = (gap >>> 12) + decoderDelaySamples;
  const padding = Math.max(0, (gap & 0xfff) - decoderDelaySamples);
  return { encoder, sampleFrames: Math.max(0, total - delay - padding) };
}
