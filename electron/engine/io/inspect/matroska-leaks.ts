import type { Leak } from '../../../contract/inspection.js';
import type { FileBytes } from '../reading/file-bytes.js';
import { hiddenBytes } from './hidden-bytes.js';
import { decodeText, leak, leakOf, sizeInWords, type Meaning } from './leak.js';
import { pictureLeaks } from './picture-leaks.js';

/** One EBML element. */
interface Element {
  readonly id: number;
  readonly dataOffset: number;
  /** bytes of data, not beyond the parent's end */
  readonly sizeBytes: number;
}

/** Clusters of five seconds make a day of sound. */
const maxElements = 20_000;
const fieldBytes = 4096;

const segment = 0x18538067;
const segmentInfo = 0x1549a966;
const attachments = 0x1941a469;
const attachedFile = 0x61a7;
const voidElement = 0xec;
/** Seconds from 1970 to 2001, where Matroska's dates begin. */
const matroskaEpochSeconds = 978_307_200;

/** Strings of the segment's information that ffprobe does not tell all of. */
const infoTexts: ReadonlyMap<number, readonly [name: string, meaning: Meaning]> = new Map([
  [0x7ba9, ['title', { meaning: 'title', kind: 'text' }]],
  [0x7384, ['segmentFilename', { meaning: 'former file name', kind: 'text' }]],
  [0x3c83ab, ['prevFilename', { meaning: 'name of the file before', kind: 'text' }]],
  [0x3e83bb, ['nextFilename', { meaning: 'name of the file behind', kind: 'text' }]],
  [0x4d80, ['muxingApp', { meaning: 'program that wrote it', kind: 'technical' }]],
  [0x5741, ['writingApp', { meaning: 'program that wrote it', kind: 'technical' }]],
]);
const infoNumbers: ReadonlyMap<number, string> = new Map([
  [0x73a4, 'segmentUid'],
  [0x3cb923, 'prevUid'],
  [0x3eb923, 'nextUid'],
  [0x4444, 'segmentFamily'],
]);

/**
 * What a Matroska or WebM file gives away beside its tags, which ffprobe lists: names, unique numbers, the date,
 * attached files, padding.
 * @see RFC 9559
 */
export async function matroskaLeaks(bytes: FileBytes): Promise<Leak[]> {
  const found: Leak[] = [];
  for (const top of await listElements(bytes, 0, bytes.sizeBytes)) {
    found.push(...(await paddingLeaks(bytes, top)));
    if (top.id !== segment) continue;
    for (const element of await childElements(bytes, top)) {
      found.push(...(await paddingLeaks(bytes, element)));
      if (element.id === segmentInfo) found.push(...(await infoLeaks(bytes, element)));
      if (element.id === attachments) found.push(...(await attachmentLeaks(bytes, element)));
    }
  }
  return found;
}

async function infoLeaks(bytes: FileBytes, info: Element): Promise<Leak[]> {
  const found: Leak[] = [];
  for (const element of await childElements(bytes, info)) {
    const data = await bytes.read(element.dataOffset, Math.min(element.sizeBytes, fieldBytes));
    const [name, meaning] = infoTexts.get(element.id) ?? [];
    const number = infoNumbers.get(element.id);
    if (name !== undefined && meaning !== undefined)
      found.push(...leakOf(`matroska.${name}`, meaning, decodeText(data)));
    if (number !== undefined) {
      const unique = { meaning: 'unique number that finds the recording again', kind: 'text' } as const;
      found.push(leak(`matroska.${number}`, unique, data.toString('hex')));
    }
    if (element.id === 0x4461 && data.length === 8) {
      const time = new Date((matroskaEpochSeconds + Number(data.readBigInt64BE(0)) / 1e9) * 1000);
      const text = Number.isNaN(time.getTime()) ? data.toString('hex') : time.toISOString();
      found.push(leak('matroska.date', { meaning: 'time of recording', kind: 'time' }, text));
    }
  }
  return found;
}

async function attachmentLeaks(bytes: FileBytes, list: Element): Promise<Leak[]> {
  const found: Leak[] = [];
  for (const file of (await childElements(bytes, list)).filter((element) => element.id === attachedFile)) {
    const parts = await childElements(bytes, file);
    const read = async (id: number, limit: number): Promise<Buffer> => {
      const part = parts.find((element) => element.id === id);
      return part === undefined
        ? Buffer.alloc(0)
        : bytes.read(part.dataOffset, Math.min(part.sizeBytes, limit));
    };
    const sizeBytes = parts.find((element) => element.id === 0x465c)?.sizeBytes ?? 0;
    const type = decodeText(await read(0x4660, 200));
    const attached = { meaning: 'attached file', kind: 'text' } as const;
    found.push(
      leak(
        'matroska.attachment',
        attached,
        `${decodeText(await read(0x466e, 1024))}, ${sizeInWords(sizeBytes)}`,
      ),
    );
    found.push(
      ...leakOf('matroska.attachment.description', attached, decodeText(await read(0x467e, fieldBytes))),
    );
    if (type.startsWith('image/')) {
      found.push(...pictureLeaks('matroska.attachment.picture', type, await read(0x465c, 65536), sizeBytes));
    }
  }
  return found;
}

function paddingLeaks(bytes: FileBytes, element: Element): Promise<Leak[]> {
  if (element.id !== voidElement) return Promise.resolve([]);
  const area = { offset: element.dataOffset, sizeBytes: element.sizeBytes };
  return hiddenBytes(bytes, { ...area, where: 'matroska.void', what: 'padding' });
}

function childElements(bytes: FileBytes, parent: Element): Promise<Element[]> {
  return listElements(bytes, parent.dataOffset, parent.dataOffset + parent.sizeBytes);
}

/** @returns the elements on one level; stops where a header cannot be one. An element of unknown size reaches to the end. */
async function listElements(bytes: FileBytes, start: number, end: number): Promise<Element[]> {
  const limit = Math.min(end, bytes.sizeBytes);
  const elements: Element[] = [];
  let offset = start;
  while (offset < limit && elements.length < maxElements) {
    const header = await bytes.read(offset, 12);
    const idBytes = Math.clz32(header[0] ?? 0) - 23;
    const sizeFieldBytes = Math.clz32(header[idBytes] ?? 0) - 23;
    if (idBytes > 4 || sizeFieldBytes > 8 || header.length < idBytes + sizeFieldBytes) break;
    const id = header.readUIntBE(0, idBytes);
    const field = BigInt(`0x${header.toString('hex', idBytes, idBytes + sizeFieldBytes)}`);
    const mask = (1n << BigInt(7 * sizeFieldBytes)) - 1n;
    const stored = field & mask;
    const dataOffset = offset + idBytes + sizeFieldBytes;
    const size = stored === mask ? limit - dataOffset : Number(stored);
    elements.push({ id, dataOffset, sizeBytes: Math.max(0, Math.min(size, limit - dataOffset)) });
    offset = dataOffset + size;
  }
  return elements;
}
