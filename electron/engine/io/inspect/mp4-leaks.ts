import type { Leak } from '../../../contract/inspection.js';
import type { FileBytes } from '../reading/file-bytes.js';
import { atomAt, childAtoms, listAtoms, maxAtoms, type Atom } from '../reading/mp4-atoms.js';
import { appleEpochSeconds } from './aiff-leaks.js';
import { hiddenBytes, readableText } from './hidden-bytes.js';
import { decodeText, leak, leakOf, sizeInWords } from './leak.js';
import { metaLeaks, userDataLeaks } from './mp4-tag-leaks.js';
import { xmlLeaks } from './xml-leaks.js';

/** Atoms that describe the samples and nothing else. */
const plainAtoms = new Set(['ftyp', 'mdat', 'moof', 'mfra', 'sidx', 'styp', 'pnot', 'iods', 'mvex']);
const paddingAtoms = new Set(['free', 'skip', 'wide']);

const xmpId = 'be7acfcb97a942e89c71999491e3afac';
const credentialsId = 'd8fec3d61b0e483c92975828877ec481';

/** What an MP4, M4A or MOV file gives away besides its sound. @see ISO/IEC 14496-12, QuickTime File Format */
export async function mp4Leaks(bytes: FileBytes): Promise<Leak[]> {
  const found: Leak[] = [];
  const atoms = await listAtoms(bytes, 0, bytes.sizeBytes);
  for (const atom of atoms) found.push(...(await topLeaks(bytes, atom)));
  const last = atoms.at(-1);
  const end = last === undefined ? 0 : last.dataOffset + last.sizeBytes;
  if (end < bytes.sizeBytes && atoms.length < maxAtoms) {
    const area = { offset: end, sizeBytes: bytes.sizeBytes - end };
    found.push(
      ...(await hiddenBytes(bytes, { ...area, where: 'mp4.end', what: 'data behind the end of the file' })),
    );
  }
  return found;
}

async function topLeaks(bytes: FileBytes, atom: Atom): Promise<Leak[]> {
  if (atom.id === 'moov') return movieLeaks(bytes, atom);
  return commonLeaks(bytes, atom, 'mp4');
}

/** Atoms that may stand on every level. */
async function commonLeaks(bytes: FileBytes, atom: Atom, where: string): Promise<Leak[]> {
  if (plainAtoms.has(atom.id)) return [];
  if (paddingAtoms.has(atom.id)) {
    const area = { offset: atom.dataOffset, sizeBytes: atom.sizeBytes };
    return hiddenBytes(bytes, { ...area, where: `${where}.${atom.id}`, what: 'padding' });
  }
  if (atom.id === 'udta') return userDataLeaks(bytes, atom);
  if (atom.id === 'meta') return metaLeaks(bytes, atom);
  const data = await bytes.read(atom.dataOffset, Math.min(atom.sizeBytes, 1024 * 1024));
  if (atom.id === 'uuid') return uuidLeaks(data, atom.sizeBytes, where);
  if (atom.id === 'XMP_') return xmlLeaks('xmp', decodeText(data));
  const words = readableText(data.subarray(0, 65536));
  const meaning = { meaning: 'part of an unknown program', kind: 'text' } as const;
  return [
    leak(`${where}.${atom.id}`, meaning, `${sizeInWords(atom.sizeBytes)}${words === '' ? '' : `: ${words}`}`),
  ];
}

function uuidLeaks(data: Buffer, sizeBytes: number, where: string): Leak[] {
  const id = data.toString('hex', 0, 16);
  if (id === xmpId) return xmlLeaks('xmp', decodeText(data.subarray(16)));
  if (id === credentialsId) {
    const meaning = {
      meaning: 'content credentials (C2PA): who made and changed it, signed',
      kind: 'person',
    } as const;
    return [leak(`${where}.uuid.c2pa`, meaning, sizeInWords(sizeBytes))];
  }
  const words = readableText(data.subarray(16, 65536));
  return [
    leak(
      `${where}.uuid.${id}`,
      { meaning: 'part of an unknown program', kind: 'text' },
      `${sizeInWords(sizeBytes)} ${words}`,
    ),
  ];
}

async function movieLeaks(bytes: FileBytes, movie: Atom): Promise<Leak[]> {
  const found: Leak[] = [];
  for (const atom of await childAtoms(bytes, movie)) {
    if (atom.id === 'mvhd') found.push(...(await timeLeaks(bytes, atom, 'moov.mvhd')));
    else if (atom.id === 'trak') found.push(...(await trackLeaks(bytes, atom)));
    else found.push(...(await commonLeaks(bytes, atom, 'moov')));
  }
  return found;
}

const plainTrackAtoms = new Set(['mdia', 'edts', 'tref', 'load', 'tapt', 'tkhd']);

async function trackLeaks(bytes: FileBytes, track: Atom): Promise<Leak[]> {
  const found: Leak[] = [];
  const atoms = await childAtoms(bytes, track);
  for (const atom of atoms) {
    if (atom.id === 'tkhd') found.push(...(await timeLeaks(bytes, atom, 'trak.tkhd')));
    if (!plainTrackAtoms.has(atom.id)) found.push(...(await commonLeaks(bytes, atom, 'trak')));
  }
  const mediaHeader = await atomAt(bytes, atoms, ['mdia', 'mdhd']);
  if (mediaHeader !== null) found.push(...(await timeLeaks(bytes, mediaHeader, 'trak.mdhd')));
  for (const userData of [
    await atomAt(bytes, atoms, ['mdia', 'udta']),
    await atomAt(bytes, atoms, ['mdia', 'minf', 'udta']),
  ]) {
    if (userData !== null) found.push(...(await userDataLeaks(bytes, userData)));
  }
  const handler = await atomAt(bytes, atoms, ['mdia', 'hdlr']);
  if (handler !== null) found.push(...(await handlerLeaks(bytes, handler)));
  return found;
}

async function handlerLeaks(bytes: FileBytes, atom: Atom): Promise<Leak[]> {
  const data = await bytes.read(atom.dataOffset, Math.min(atom.sizeBytes, 1024));
  const type = data.toString('latin1', 8, 12);
  // QuickTime writes the length before the name, MP4 a NUL behind it.
  const counted = data.length > 24 && data.readUInt8(24) === data.length - 25;
  const name = decodeText(data.subarray(counted ? 25 : 24));
  const found = leakOf(
    'trak.hdlr',
    { meaning: 'program or device that wrote the track', kind: 'technical' },
    name,
  );
  if (type === 'tmcd')
    found.push(leak('trak.tmcd', { meaning: 'timecode track', kind: 'time' }, 'timecode of the device'));
  if (type === 'text' || type === 'sbtl' || type === 'subt') {
    found.push(
      leak(
        `trak.${type}`,
        { meaning: 'track with chapters, subtitles or other words', kind: 'text' },
        'text track',
      ),
    );
  }
  if (type === 'meta') {
    found.push(
      leak(
        'trak.meta',
        { meaning: 'track with data over time, often the place', kind: 'place' },
        'data track',
      ),
    );
  }
  return found;
}

/** Times of creation and change in `mvhd`, `tkhd` and `mdhd`. */
async function timeLeaks(bytes: FileBytes, atom: Atom, where: string): Promise<Leak[]> {
  const data = await bytes.read(atom.dataOffset, 20);
  if (data.length < 20) return [];
  const wide = data[0] === 1;
  const times = wide
    ? [Number(data.readBigUInt64BE(4)), Number(data.readBigUInt64BE(12))]
    : [data.readUInt32BE(4), data.readUInt32BE(8)];
  return ['created', 'modified'].flatMap((name, n) => {
    const seconds = times[n] ?? 0;
    if (seconds === 0) return [];
    const time = new Date((seconds - appleEpochSeconds) * 1000);
    const text = Number.isNaN(time.getTime()) ? String(seconds) : time.toISOString();
    const meaning = n === 0 ? 'time of recording' : 'time of the last change';
    return [leak(`${where}.${name}`, { meaning, kind: 'time' }, text)];
  });
}
