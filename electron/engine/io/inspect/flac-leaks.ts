import type { Leak } from '../../../contract/inspection.js';
import type { FileBytes } from '../reading/file-bytes.js';
import { skipId3v2 } from '../reading/mp3-first-frame.js';
import { hiddenBytes, readableText } from './hidden-bytes.js';
import { leak, leakOf, sizeInWords, textOf } from './leak.js';
import { flacPictureLeaks, vorbisCommentLeaks } from './vorbis-comment-leaks.js';

/** Comments and pictures are read up to this size. */
export const maxBlockBytes = 8 * 1024 * 1024;
const maxBlocks = 512;

/** What a FLAC file gives away in its metadata blocks. @see RFC 9639, section 8 */
export async function flacLeaks(bytes: FileBytes): Promise<Leak[]> {
  const found: Leak[] = [];
  let offset = (await skipId3v2(bytes)) + 4;
  for (let n = 0; n < maxBlocks; n++) {
    const header = await bytes.read(offset, 4);
    if (header.length < 4) break;
    const type = header.readUInt8(0) & 0x7f;
    const sizeBytes = header.readUIntBE(1, 3);
    const available = Math.max(0, Math.min(sizeBytes, bytes.sizeBytes - offset - 4));
    if (type === 1) {
      found.push(
        ...(await hiddenBytes(bytes, {
          where: 'flac.PADDING',
          what: 'padding',
          offset: offset + 4,
          sizeBytes: available,
        })),
      );
    } else {
      found.push(
        ...flacBlockLeaks(type, await bytes.read(offset + 4, Math.min(available, maxBlockBytes)), sizeBytes),
      );
    }
    offset += 4 + sizeBytes;
    if (header.readUInt8(0) >= 0x80) break;
  }
  return found;
}

/**
 * @param type       number of the block's type; padding is not looked at here
 * @param block      its data, or the beginning of it
 * @param sizeBytes  size that the header gives
 */
export function flacBlockLeaks(type: number, block: Buffer, sizeBytes: number): Leak[] {
  switch (type) {
    case 0: // STREAMINFO describes the samples
    case 1:
    case 3: // SEEKTABLE
      return [];
    case 2: {
      const id = block.toString('latin1', 0, 4);
      const words = readableText(block.subarray(4, 65536));
      const meaning = { meaning: 'data of the program that wrote it', kind: 'text' } as const;
      return [
        leak(
          `flac.APPLICATION.${id}`,
          meaning,
          `${sizeInWords(sizeBytes)}${words === '' ? '' : `: ${words}`}`,
        ),
      ];
    }
    case 4:
      return vorbisCommentLeaks(block);
    case 5:
      return cueSheetLeaks(block, sizeBytes);
    case 6:
      return flacPictureLeaks('flac.PICTURE', block);
    default: {
      const meaning = { meaning: 'block of an unknown kind', kind: 'text' } as const;
      return [
        leak(
          `flac.block${type}`,
          meaning,
          `${sizeInWords(sizeBytes)} ${readableText(block.subarray(0, 4096))}`,
        ),
      ];
    }
  }
}

/** @see RFC 9639, section 8.7 */
function cueSheetLeaks(block: Buffer, sizeBytes: number): Leak[] {
  const meaning = {
    meaning: 'table of contents of the original CD, which identifies it',
    kind: 'text',
  } as const;
  const found = [
    leak('flac.CUESHEET', meaning, sizeInWords(sizeBytes)),
    ...leakOf('flac.CUESHEET.catalog', meaning, textOf(block.subarray(0, 128))),
  ];
  const tracks = block.length < 396 ? 0 : block.readUInt8(395);
  for (let n = 0, at = 396; n < tracks && at + 36 <= block.length; n++) {
    const code = textOf(block.subarray(at + 9, at + 21));
    found.push(...leakOf('flac.CUESHEET.isrc', { meaning: 'recording code (ISRC)', kind: 'text' }, code));
    at += 36 + 12 * block.readUInt8(at + 35);
  }
  return found;
}
