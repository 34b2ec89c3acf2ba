import { parseBuffer } from 'music-metadata';
import type { Leak } from '../../../contract/inspection.js';
import type { FileBytes } from '../reading/file-bytes.js';
import { leak, leakOf, sizeInWords } from './leak.js';
import { pictureLeaks } from './picture-leaks.js';
import { id3Meanings, meaningByName } from './tag-meanings.js';

/** A tag is read up to this size; pictures beyond it are described by what is there. */
const maxTagBytes = 8 * 1024 * 1024;

/**
 * Lists the frames of one ID3v2 tag.
 * @param offset  where "ID3" stands
 * @param limit   bytes that belong to the tag's surroundings; a tag that claims more is cut there
 */
export async function id3v2Leaks(bytes: FileBytes, offset: number, limit: number): Promise<Leak[]> {
  const head = await bytes.read(offset, 10);
  if (head.length < 10 || head.toString('latin1', 0, 3) !== 'ID3') return [];
  const claimed = 10 + syncSafe(head, 6);
  const tag = await bytes.read(offset, Math.min(claimed, limit, maxTagBytes));
  writeSyncSafe(tag, 6, tag.length - 10);
  const frames = listFrames(tag);
  const { texts, seen } = await readTexts(tag);
  const silent = frames.filter((frame) => !seen.has(frame.id));
  return [
    ...texts,
    // Whatever the library does not return is still there.
    ...silent.map((frame) =>
      leak(`id3v2.${frame.id}`, meaningOf(frame.id, ''), sizeInWords(frame.sizeBytes)),
    ),
  ];
}

async function readTexts(tag: Buffer): Promise<{ texts: Leak[]; seen: Set<string> }> {
  const texts: Leak[] = [];
  const seen = new Set<string>();
  try {
    const { native } = await parseBuffer(tag, { mimeType: 'audio/mpeg' }, { duration: false });
    for (const [kind, tags] of Object.entries(native)) {
      if (!kind.startsWith('ID3v2')) continue;
      for (const { id, value } of tags) {
        seen.add(id.slice(0, 4).replace(/:$/, ''));
        texts.push(...frameLeaks(id, value));
      }
    }
  } catch {
    // A tag the library gives up on is described frame by frame by the caller.
  }
  return { texts, seen };
}

function frameLeaks(id: string, value: unknown): Leak[] {
  const [frame = '', name = ''] = id.split(/:(.*)/s);
  const where = name === '' ? `id3v2.${frame}` : `id3v2.${frame}.${name}`;
  const meaning = meaningOf(frame, name);
  if (typeof value === 'string' || typeof value === 'number') return leakOf(where, meaning, String(value));
  if (typeof value !== 'object' || value === null) return [];
  const fields = new Map<string, unknown>(Object.entries(value));
  const data = fields.get('data');
  if (frame === 'APIC' || frame === 'PIC') {
    const picture =
      data instanceof Uint8Array ? Buffer.from(data.buffer, data.byteOffset, data.length) : Buffer.alloc(0);
    const found = pictureLeaks(
      where,
      inWords(fields.get('format')),
      picture.subarray(0, 65536),
      picture.length,
    );
    const description = fields.get('description');
    return [
      ...found,
      ...leakOf(
        `${where}.description`,
        { meaning: 'text of the picture', kind: 'text' },
        inWords(description),
      ),
    ];
  }
  const isCredential = /c2pa|jumbf/i.test(inWords(value));
  const words = [...fields.values()]
    .map(inWords)
    .filter((text) => text !== '')
    .join(', ');
  return leakOf(
    where,
    isCredential ? { meaning: 'content credentials (C2PA)', kind: 'person' } : meaning,
    words,
  );
}

function meaningOf(frame: string, name: string): { meaning: string; kind: Leak['kind'] } {
  if (name !== '' && (frame === 'TXXX' || frame === 'TXX')) return meaningByName(name);
  const known = id3Meanings.get(frame);
  if (known !== undefined) return known;
  if (frame.startsWith('W')) return { meaning: 'web address', kind: 'person' };
  return { meaning: 'further information', kind: 'text' };
}

function inWords(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (value instanceof Uint8Array) return sizeInWords(value.length);
  if (Array.isArray(value)) return value.slice(0, 20).map(inWords).join(' ');
  if (typeof value === 'object' && value !== null) return Object.values(value).map(inWords).join(' ');
  return '';
}

interface Frame {
  readonly id: string;
  readonly sizeBytes: number;
}

/** Lists frames by their headers alone. */
function listFrames(tag: Buffer): Frame[] {
  const version = tag[3] ?? 0;
  const idBytes = version === 2 ? 3 : 4;
  const headerBytes = version === 2 ? 6 : 10;
  let at = 10;
  if (version >= 3 && ((tag[5] ?? 0) & 0x40) !== 0 && tag.length >= 14) {
    at += version === 3 ? 4 + tag.readUInt32BE(10) : syncSafe(tag, 10);
  }
  const frames: Frame[] = [];
  while (at + headerBytes <= tag.length && frames.length < 500) {
    const id = tag.toString('latin1', at, at + idBytes);
    if (!/^[A-Z0-9]{3,4}$/.test(id)) break;
    const sizeBytes =
      version === 2
        ? tag.readUIntBE(at + 3, 3)
        : version === 3
          ? tag.readUInt32BE(at + 4)
          : syncSafe(tag, at + 4);
    frames.push({ id, sizeBytes });
    at += headerBytes + sizeBytes;
  }
  return frames;
}

function syncSafe(bytes: Buffer, at: number): number {
  return [0, 1, 2, 3].reduce((value, n) => value * 128 + ((bytes[at + n] ?? 0) & 0x7f), 0);
}

function writeSyncSafe(bytes: Buffer, at: number, value: number): void {
  for (let n = 3, rest = value; n >= 0; n--, rest = Math.floor(rest / 128)) bytes[at + n] = rest % 128;
}
