import type { Leak } from '../../../contract/inspection.js';
import type { FileBytes } from '../reading/file-bytes.js';
import { readRiff, type Chunk } from '../reading/iff-chunks.js';
import { readWavExtent } from '../reading/wav-extent.js';
import { hiddenBytes, readableText } from './hidden-bytes.js';
import { id3v2Leaks } from './id3v2-leaks.js';
import { decodeText, leak, leakOf, maxFieldBytes, sizeInWords, textOf, type Meaning } from './leak.js';
import { bextLeaks, cartLeaks, guanoLeaks, listLeaks } from './riff-text-leaks.js';
import { xmlLeaks } from './xml-leaks.js';

/** XML documents are read up to this size. */
const maxDocumentBytes = 1024 * 1024;

/** Chunks that describe the samples and nothing else. */
const plainChunks = new Set(['fmt ', 'data', 'fact', 'ds64', 'chna']);
const paddingChunks = new Set(['JUNK', 'junk', 'FLLR', 'PAD ', 'PADD', 'bpad', 'fill', 'FILL']);

const binaryChunks: Readonly<Record<string, Meaning>> = {
  'cue ': { meaning: 'markers', kind: 'technical' },
  plst: { meaning: 'play list', kind: 'technical' },
  smpl: { meaning: 'settings for a sampler', kind: 'technical' },
  inst: { meaning: 'settings for a sampler', kind: 'technical' },
  acid: { meaning: 'loop settings', kind: 'technical' },
  levl: { meaning: 'peaks of the recording with the time they were computed', kind: 'time' },
  umid: { meaning: 'worldwide unique number (UMID): device, time, sometimes place', kind: 'device' },
  C2PA: { meaning: 'content credentials (C2PA): who made and changed it, signed', kind: 'person' },
  wamd: { meaning: 'notes of a wildlife recorder: model, serial number, place, time', kind: 'device' },
  SMED: { meaning: 'notes of Soundminer: library, author, description', kind: 'text' },
  ResU: { meaning: 'notes of Logic or GarageBand', kind: 'technical' },
  LGWV: { meaning: 'notes of Logic', kind: 'technical' },
  DISP: { meaning: 'title or preview picture', kind: 'text' },
  afsp: { meaning: 'notes of AFsp: user, date, program', kind: 'person' },
  minf: { meaning: 'notes of Pro Tools', kind: 'technical' },
  elm1: { meaning: 'notes of Pro Tools', kind: 'technical' },
  regn: { meaning: 'regions of Pro Tools', kind: 'technical' },
  dbmd: { meaning: 'notes of Dolby', kind: 'technical' },
  link: { meaning: 'names of the files that belong together', kind: 'text' },
};

/** What a WAV, BWF or RF64 file gives away besides its sound: every chunk is accounted for. */
export async function wavLeaks(bytes: FileBytes): Promise<Leak[]> {
  const riff = await readRiff(bytes);
  const extent = await readWavExtent(bytes);
  const data = riff.chunks.find((chunk) => chunk.id === 'data');
  // Where the header does not know the length, everything behind `data` is taken for sound by the reader too.
  const soundToTheEnd = extent?.findings.some((finding) => finding.code === 'WRONG_HEADER_SIZE') === true;
  const found: Leak[] = [];
  for (const chunk of riff.chunks) {
    if (soundToTheEnd && data !== undefined && chunk.headerOffset > data.headerOffset) break;
    found.push(...(await chunkLeaks(bytes, chunk)));
  }
  if (!soundToTheEnd && riff.endOffset < bytes.sizeBytes) {
    const area = { offset: riff.endOffset, sizeBytes: bytes.sizeBytes - riff.endOffset };
    found.push(
      ...(await hiddenBytes(bytes, { ...area, where: 'riff.end', what: 'data behind the end of the file' })),
    );
  } else if (riff.declaredFileBytes !== null && riff.declaredFileBytes < riff.endOffset && !soundToTheEnd) {
    const meaning = { meaning: 'parts behind the declared end of the file', kind: 'text' } as const;
    found.push(leak('riff.end', meaning, sizeInWords(riff.endOffset - riff.declaredFileBytes)));
  }
  return found;
}

async function chunkLeaks(bytes: FileBytes, chunk: Chunk): Promise<Leak[]> {
  const { id, dataOffset, availableBytes } = chunk;
  const read = (limit: number): Promise<Buffer> => bytes.read(dataOffset, Math.min(availableBytes, limit));
  if (plainChunks.has(id)) return [];
  if (paddingChunks.has(id)) {
    return hiddenBytes(bytes, {
      where: id.trim(),
      what: 'padding',
      offset: dataOffset,
      sizeBytes: availableBytes,
    });
  }
  switch (id) {
    case 'bext':
      return bextLeaks(await read(maxFieldBytes));
    case 'cart':
      return cartLeaks(await read(maxFieldBytes));
    case 'guan':
      return guanoLeaks(await read(maxFieldBytes));
    case 'LIST':
      return listLeaks(bytes, chunk);
    case 'iXML':
    case 'aXML':
    case 'axml':
      return xmlLeaks(id, decodeText(await read(maxDocumentBytes)).replaceAll('\0', ''));
    case '_PMX':
      return xmlLeaks('xmp', decodeText(await read(maxDocumentBytes)).replaceAll('\0', ''));
    case 'id3 ':
    case 'ID3 ':
      return id3v2Leaks(bytes, dataOffset, availableBytes);
    case 'PEAK':
      return peakLeaks(await read(8));
    case 'DISP':
      return leakOf(
        'DISP',
        { meaning: 'title', kind: 'text' },
        textOf((await read(maxFieldBytes)).subarray(4)),
      );
    default:
      return unknownLeaks(chunk, await read(maxFieldBytes));
  }
}

function peakLeaks(data: Buffer): Leak[] {
  const seconds = data.length < 8 ? 0 : data.readUInt32LE(4);
  if (seconds === 0) return [];
  const meaning = { meaning: 'time at which the file was written', kind: 'time' } as const;
  return [leak('PEAK.timestamp', meaning, new Date(seconds * 1000).toISOString())];
}

function unknownLeaks(chunk: Chunk, data: Buffer): Leak[] {
  const meaning = binaryChunks[chunk.id] ?? {
    meaning: 'part of an unknown program',
    kind: 'text',
  };
  const words = chunk.id === 'cue ' ? '' : readableText(data);
  return [
    leak(chunk.id.trim(), meaning, `${sizeInWords(chunk.availableBytes)}${words === '' ? '' : `: ${words}`}`),
  ];
}
