import type { Leak } from '../../../contract/inspection.js';
import { decodeText, leak, leakOf, sizeInWords } from './leak.js';
import { pictureLeaks } from './picture-leaks.js';
import { meaningByName } from './tag-meanings.js';

const maxComments = 500;

/**
 * Lists a Vorbis comment as FLAC, Ogg Vorbis, Opus and Speex carry it. A block that is cut short gives what is in it.
 * @param block  without any packet signature: vendor length, vendor, count, comments
 * @see https://xiph.org/vorbis/doc/v-comment.html
 */
export function vorbisCommentLeaks(block: Buffer): Leak[] {
  let at = 0;
  const next = (): Buffer | null => {
    if (at + 4 > block.length) return null;
    const length = block.readUInt32LE(at);
    const field = block.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    return field;
  };
  const vendor = next();
  if (vendor === null) return [];
  const technical = { meaning: 'program that wrote it', kind: 'technical' } as const;
  const found = leakOf('vorbis.vendor', technical, decodeText(vendor));
  if (at + 4 > block.length) return found;
  const count = Math.min(block.readUInt32LE(at), maxComments);
  at += 4;
  for (let n = 0; n < count; n++) {
    const comment = next();
    if (comment === null) break;
    found.push(...commentLeaks(comment));
  }
  const rest = block.subarray(Math.min(at, block.length));
  if (rest.length > 1 && rest.some((byte) => byte !== 0)) {
    // One framing bit belongs to Vorbis; Opus allows bytes of any use behind its comments.
    found.push(
      leak('vorbis.rest', { meaning: 'data behind the comments', kind: 'text' }, sizeInWords(rest.length)),
    );
  }
  return found;
}

function commentLeaks(comment: Buffer): Leak[] {
  const equals = comment.indexOf('=');
  const key = comment.toString('latin1', 0, Math.max(0, equals)).toUpperCase();
  const value = comment.subarray(equals + 1);
  if (key === 'METADATA_BLOCK_PICTURE') return flacPictureLeaks(`vorbis.${key}`, fromBase64(value));
  if (key === 'COVERART')
    return pictureLeaks(`vorbis.${key}`, '', fromBase64(value), Math.floor((value.length * 3) / 4));
  return leakOf(
    key === '' ? 'vorbis' : `vorbis.${key}`,
    meaningByName(key),
    decodeText(value.subarray(0, 65536)),
  );
}

function fromBase64(value: Buffer): Buffer {
  return Buffer.from(value.toString('latin1'), 'base64');
}

/**
 * @param block  FLAC's PICTURE structure, at least its beginning
 * @see RFC 9639, section 8.8
 */
export function flacPictureLeaks(where: string, block: Buffer): Leak[] {
  if (block.length < 8) return pictureLeaks(where, '', block, block.length);
  const typeBytes = block.readUInt32BE(4);
  const type = block.toString('latin1', 8, Math.min(8 + typeBytes, 264));
  const textAt = 8 + typeBytes;
  if (textAt + 4 > block.length) return pictureLeaks(where, type, block, block.length);
  const textBytes = block.readUInt32BE(textAt);
  const dataAt = textAt + 4 + textBytes + 20;
  const text = decodeText(block.subarray(textAt + 4, textAt + 4 + Math.min(textBytes, 4096)));
  const data = block.subarray(Math.min(dataAt, block.length));
  const totalBytes = dataAt <= block.length && dataAt >= 4 ? block.readUInt32BE(dataAt - 4) : data.length;
  return [
    ...pictureLeaks(where, type, data.subarray(0, 65536), totalBytes),
    ...leakOf(`${where}.description`, { meaning: 'text of the picture', kind: 'text' }, text),
  ];
}
