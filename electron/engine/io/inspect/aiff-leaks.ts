import type { Leak } from '../../../contract/inspection.js';
import type { FileBytes } from '../reading/file-bytes.js';
import { listChunks, type Chunk } from '../reading/iff-chunks.js';
import { hiddenBytes, readableText } from './hidden-bytes.js';
import { id3v2Leaks } from './id3v2-leaks.js';
import { decodeText, leak, leakOf, maxFieldBytes, sizeInWords, textOf, type Meaning } from './leak.js';
import { bextLeaks } from './riff-text-leaks.js';
import { xmlLeaks } from './xml-leaks.js';

const plainChunks = new Set(['COMM', 'SSND', 'FVER', 'CHAN', 'INST']);

const textChunks: Readonly<Record<string, Meaning>> = {
  NAME: { meaning: 'title', kind: 'text' },
  AUTH: { meaning: 'author', kind: 'person' },
  '(c) ': { meaning: 'copyright holder', kind: 'person' },
  ANNO: { meaning: 'comment', kind: 'text' },
};

/** Seconds from 1904, where Apple's clocks begin, to 1970. */
export const appleEpochSeconds = 2_082_844_800;

/** What an AIFF or AIFC file gives away besides its sound: every chunk is accounted for. @see AIFF 1.3, Apple 1989 */
export async function aiffLeaks(bytes: FileBytes): Promise<Leak[]> {
  const list = await listChunks(bytes, { littleEndian: false, startOffset: 12, endOffset: bytes.sizeBytes });
  const found: Leak[] = [];
  for (const chunk of list.chunks) found.push(...(await chunkLeaks(bytes, chunk)));
  if (list.endOffset < bytes.sizeBytes) {
    const area = { offset: list.endOffset, sizeBytes: bytes.sizeBytes - list.endOffset };
    found.push(
      ...(await hiddenBytes(bytes, { ...area, where: 'aiff.end', what: 'data behind the end of the file' })),
    );
  }
  return found;
}

async function chunkLeaks(bytes: FileBytes, chunk: Chunk): Promise<Leak[]> {
  const { id, dataOffset, availableBytes } = chunk;
  const read = (): Promise<Buffer> => bytes.read(dataOffset, Math.min(availableBytes, maxFieldBytes));
  if (plainChunks.has(id)) return [];
  const text = textChunks[id];
  if (text !== undefined) return leakOf(`aiff.${id.trim()}`, text, textOf(await read()));
  switch (id) {
    case 'COMT':
      return commentLeaks(await read());
    case 'MARK':
      return markerLeaks(await read());
    case 'ID3 ':
    case 'id3 ':
      return id3v2Leaks(bytes, dataOffset, availableBytes);
    case 'bext':
      return bextLeaks(await read());
    case 'iXML':
      return xmlLeaks('iXML', decodeText(await read()).replaceAll('\0', ''));
    case 'APPL': {
      const data = await read();
      const owner = data.toString('latin1', 0, 4);
      if (owner === 'XMP ') return xmlLeaks('xmp', decodeText(data.subarray(4)));
      return [
        unknownLeak(
          `aiff.APPL.${owner}`,
          'data of the program that wrote it',
          availableBytes,
          data.subarray(4),
        ),
      ];
    }
    case 'JUNK':
    case 'FLLR':
    case 'PAD ':
      return hiddenBytes(bytes, {
        where: id.trim(),
        what: 'padding',
        offset: dataOffset,
        sizeBytes: availableBytes,
      });
    default:
      return [unknownLeak(`aiff.${id.trim()}`, 'part of an unknown program', availableBytes, await read())];
  }
}

function unknownLeak(where: string, meaning: string, sizeBytes: number, data: Buffer): Leak {
  const words = readableText(data);
  return leak(
    where,
    { meaning, kind: 'text' },
    `${sizeInWords(sizeBytes)}${words === '' ? '' : `: ${words}`}`,
  );
}

function commentLeaks(data: Buffer): Leak[] {
  const found: Leak[] = [];
  const count = data.length < 2 ? 0 : data.readUInt16BE(0);
  let at = 2;
  for (let n = 0; n < count && at + 8 <= data.length; n++) {
    const seconds = data.readUInt32BE(at);
    const length = data.readUInt16BE(at + 6);
    const text = textOf(data.subarray(at + 8, at + 8 + length));
    found.push(...leakOf('aiff.COMT', { meaning: 'comment', kind: 'text' }, text));
    if (seconds > appleEpochSeconds) {
      const time = new Date((seconds - appleEpochSeconds) * 1000).toISOString();
      found.push(leak('aiff.COMT.time', { meaning: 'time of the comment', kind: 'time' }, time));
    }
    at += 8 + length + (length % 2);
  }
  return found;
}

function markerLeaks(data: Buffer): Leak[] {
  const found: Leak[] = [];
  const count = data.length < 2 ? 0 : data.readUInt16BE(0);
  let at = 2;
  for (let n = 0; n < count && at + 7 <= data.length; n++) {
    const length = data.readUInt8(at + 6);
    const text = textOf(data.subarray(at + 7, at + 7 + length));
    found.push(...leakOf('aiff.MARK', { meaning: 'text at a marker', kind: 'text' }, text));
    at += 7 + length + ((length + 1) % 2);
  }
  return found;
}
