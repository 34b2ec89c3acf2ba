import type { Leak } from '../../../contract/inspection.js';
import type { FileBytes } from '../reading/file-bytes.js';
import { listChunks, type Chunk } from '../reading/iff-chunks.js';
import { readableText } from './hidden-bytes.js';
import { decodeText, leak, leakOf, maxFieldBytes, sizeInWords, textOf, type Meaning } from './leak.js';
import { infoMeanings, meaningByName } from './tag-meanings.js';

/**
 * Broadcast extension.
 * @param chunk  data of `bext`, at least its beginning
 * @see EBU Tech 3285, https://tech.ebu.ch/docs/tech/tech3285.pdf
 */
export function bextLeaks(chunk: Buffer): Leak[] {
  const field = (offset: number, length: number): string => textOf(chunk.subarray(offset, offset + length));
  const found = [
    ...leakOf('bext.description', { meaning: 'description', kind: 'text' }, field(0, 256)),
    ...leakOf(
      'bext.originator',
      { meaning: 'recorder or person that made it', kind: 'device' },
      field(256, 32),
    ),
    ...leakOf(
      'bext.originatorReference',
      { meaning: 'reference of the recorder, usually with its serial number', kind: 'device' },
      field(288, 32),
    ),
    ...leakOf('bext.originationDate', { meaning: 'date of recording', kind: 'time' }, field(320, 10)),
    ...leakOf('bext.originationTime', { meaning: 'time of recording', kind: 'time' }, field(330, 8)),
  ];
  if (chunk.length >= 346) {
    const samplesSinceMidnight = chunk.readBigUInt64LE(338);
    if (samplesSinceMidnight > 0n) {
      const meaning = { meaning: 'time of day at which it begins', kind: 'time' } as const;
      found.push(leak('bext.timeReference', meaning, `${samplesSinceMidnight} samples after midnight`));
    }
  }
  const umid = chunk.subarray(348, 412);
  if (umid.some((byte) => byte !== 0)) {
    const meaning = {
      meaning: 'worldwide unique number (UMID): device, time, sometimes place',
      kind: 'device',
    } as const;
    found.push(leak('bext.umid', meaning, umid.toString('hex').replace(/(00)+$/, '')));
  }
  const reserved = chunk.subarray(422, 602);
  if (reserved.some((byte) => byte !== 0)) {
    const meaning = { meaning: 'bytes in a reserved field', kind: 'text' } as const;
    found.push(leak('bext.reserved', meaning, readableText(reserved) || sizeInWords(reserved.length)));
  }
  const history = decodeText(chunk.subarray(602)).replaceAll('\0', '');
  return [
    ...found,
    ...leakOf(
      'bext.codingHistory',
      { meaning: 'list of devices and programs it went through', kind: 'device' },
      history,
    ),
  ];
}

/** Fields of the broadcast cart chunk: name, offset, length, meaning. @see AES46-2002 */
const cartFields: readonly (readonly [string, number, number, Meaning])[] = [
  ['title', 4, 64, { meaning: 'title', kind: 'text' }],
  ['artist', 68, 64, { meaning: 'artist or speaker', kind: 'person' }],
  ['cutId', 132, 64, { meaning: 'identifier that finds the recording again', kind: 'text' }],
  ['clientId', 196, 64, { meaning: 'client', kind: 'person' }],
  ['category', 260, 64, { meaning: 'category', kind: 'text' }],
  ['classification', 324, 64, { meaning: 'classification', kind: 'text' }],
  ['outCue', 388, 64, { meaning: 'last words', kind: 'text' }],
  ['startDate', 452, 10, { meaning: 'first day of use', kind: 'time' }],
  ['startTime', 462, 8, { meaning: 'first time of use', kind: 'time' }],
  ['endDate', 470, 10, { meaning: 'last day of use', kind: 'time' }],
  ['endTime', 480, 8, { meaning: 'last time of use', kind: 'time' }],
  ['producerAppId', 488, 64, { meaning: 'program that wrote it', kind: 'technical' }],
  ['producerAppVersion', 552, 64, { meaning: 'program that wrote it', kind: 'technical' }],
  ['userDefined', 616, 64, { meaning: 'free text', kind: 'text' }],
  ['url', 1024, 1024, { meaning: 'web address', kind: 'person' }],
  ['tagText', 2048, 16384, { meaning: 'free text', kind: 'text' }],
];

/** @param chunk  data of `cart` */
export function cartLeaks(chunk: Buffer): Leak[] {
  return cartFields.flatMap(([name, offset, length, meaning]) =>
    leakOf(`cart.${name}`, meaning, textOf(chunk.subarray(offset, offset + length))),
  );
}

/**
 * Notes of bat and bird recorders: one `key: value` a line.
 * @see https://guano-md.org
 */
export function guanoLeaks(chunk: Buffer): Leak[] {
  return decodeText(chunk)
    .split(/[\r\n]+/)
    .slice(0, 500)
    .flatMap((line) => {
      const colon = line.indexOf(':');
      const key = (colon < 0 ? '' : line.slice(0, colon)).trim();
      const value = line.slice(colon + 1);
      return key === ''
        ? leakOf('guan', meaningByName(''), line)
        : leakOf(`guan.${key}`, meaningByName(key), value);
    });
}

/** Looks into a LIST chunk: INFO, adtl and whatever else a program put there. */
export async function listLeaks(bytes: FileBytes, list: Chunk): Promise<Leak[]> {
  const type = (await bytes.read(list.dataOffset, 4)).toString('latin1');
  const end = list.dataOffset + list.availableBytes;
  const inside = await listChunks(bytes, {
    littleEndian: true,
    startOffset: list.dataOffset + 4,
    endOffset: end,
  });
  const found: Leak[] = [];
  for (const entry of inside.chunks.slice(0, 500)) {
    const data = await bytes.read(entry.dataOffset, Math.min(entry.availableBytes, maxFieldBytes));
    if (type === 'adtl') {
      // labl and note begin with the number of their cue point, ltxt with 20 bytes of numbers.
      const text = textOf(data.subarray(entry.id === 'ltxt' ? 20 : 4));
      found.push(...leakOf(`adtl.${entry.id}`, { meaning: 'text at a marker', kind: 'text' }, text));
    } else {
      const meaning = (type === 'INFO' ? infoMeanings.get(entry.id) : undefined) ?? meaningByName('');
      const where = type === 'INFO' ? `INFO.${entry.id}` : `LIST.${type.trim()}.${entry.id}`;
      found.push(...leakOf(where, meaning, textOf(data)));
    }
  }
  return found;
}
