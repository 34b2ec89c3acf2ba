import type { Leak } from '../../../contract/inspection.js';
import type { FileBytes } from '../reading/file-bytes.js';
import { decodeText, leak, leakOf, sizeInWords, textOf } from './leak.js';
import { pictureLeaks } from './picture-leaks.js';
import { meaningByName } from './tag-meanings.js';

const maxApeBytes = 8 * 1024 * 1024;
const maxApeItems = 500;

/** Tags that programs hang behind any kind of file: ID3v1, APEv2 and Lyrics3, from the end forwards. */
export async function tailTagLeaks(bytes: FileBytes): Promise<Leak[]> {
  const found: Leak[] = [];
  let end = bytes.sizeBytes;
  const last = await bytes.read(end - 128, 128);
  if (last.length === 128 && last.toString('latin1', 0, 3) === 'TAG') {
    found.push(...id3v1Leaks(last));
    end -= 128;
  }
  const lyrics = await bytes.read(end - 9, 9);
  if (lyrics.toString('latin1') === 'LYRICS200') {
    const size = Number((await bytes.read(end - 15, 6)).toString('latin1'));
    const meaning = { meaning: 'words and notes (Lyrics3)', kind: 'text' } as const;
    if (Number.isInteger(size)) {
      const text = await bytes.read(end - 15 - size, Math.min(size, 4096));
      found.push(leak('lyrics3', meaning, decodeText(text)));
      end -= 15 + size;
    }
  }
  return [...found, ...(await apeLeaks(bytes, end))];
}

function id3v1Leaks(tag: Buffer): Leak[] {
  const field = (from: number, to: number): string => textOf(tag.subarray(from, to));
  return [
    ...leakOf('id3v1.title', { meaning: 'title', kind: 'text' }, field(3, 33)),
    ...leakOf('id3v1.artist', { meaning: 'artist or speaker', kind: 'person' }, field(33, 63)),
    ...leakOf('id3v1.album', { meaning: 'album', kind: 'text' }, field(63, 93)),
    ...leakOf('id3v1.year', { meaning: 'year', kind: 'time' }, field(93, 97)),
    ...leakOf('id3v1.comment', { meaning: 'comment', kind: 'text' }, field(97, 127)),
  ];
}

/** @see https://wiki.hydrogenaud.io/index.php?title=APEv2_specification */
async function apeLeaks(bytes: FileBytes, end: number): Promise<Leak[]> {
  const footer = await bytes.read(end - 32, 32);
  if (footer.length < 32 || footer.toString('latin1', 0, 8) !== 'APETAGEX') return [];
  const claimed = footer.readUInt32LE(12);
  const start = Math.max(0, end - claimed);
  const tag = await bytes.read(start, Math.min(end - 32 - start, maxApeBytes));
  const found: Leak[] = [];
  let at = 0;
  const count = Math.min(footer.readUInt32LE(16), maxApeItems);
  for (let n = 0; n < count && at + 8 < tag.length; n++) {
    const sizeBytes = tag.readUInt32LE(at);
    const binary = ((tag.readUInt32LE(at + 4) >>> 1) & 3) === 1;
    const keyEnd = tag.indexOf(0, at + 8);
    if (keyEnd < 0 || keyEnd - at > 264) break;
    const key = tag.toString('latin1', at + 8, keyEnd);
    const value = tag.subarray(keyEnd + 1, keyEnd + 1 + sizeBytes);
    const where = `ape.${key}`;
    if (/cover art/i.test(key)) {
      const name = value.subarray(0, Math.max(0, value.indexOf(0)));
      found.push(...pictureLeaks(where, '', value.subarray(name.length + 1, 65536), sizeBytes));
      found.push(
        ...leakOf(`${where}.name`, { meaning: 'file name of the picture', kind: 'text' }, decodeText(name)),
      );
    } else {
      const text = binary ? sizeInWords(sizeBytes) : decodeText(value.subarray(0, 65536));
      found.push(...leakOf(where, meaningByName(key), text));
    }
    at = keyEnd + 1 + sizeBytes;
  }
  return found;
}
