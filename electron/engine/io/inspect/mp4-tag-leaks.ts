import type { Leak } from '../../../contract/inspection.js';
import type { FileBytes } from '../reading/file-bytes.js';
import { childAtoms, type Atom } from '../reading/mp4-atoms.js';
import { hiddenBytes, readableText } from './hidden-bytes.js';
import { decodeText, leak, leakOf, maxFieldBytes, sizeInWords, type Meaning } from './leak.js';
import { pictureLeaks } from './picture-leaks.js';
import { meaningByName, mp4Meanings } from './tag-meanings.js';
import { xmlLeaks } from './xml-leaks.js';

const maxEntries = 500;

/** Lists user data: QuickTime strings, 3GPP fields, Apple's and anybody else's atoms. */
export async function userDataLeaks(bytes: FileBytes, userData: Atom): Promise<Leak[]> {
  const found: Leak[] = [];
  for (const atom of (await childAtoms(bytes, userData)).slice(0, maxEntries)) {
    if (atom.id === 'meta') found.push(...(await metaLeaks(bytes, atom)));
    else if (atom.id === 'free' || atom.id === 'skip') {
      const area = { offset: atom.dataOffset, sizeBytes: atom.sizeBytes };
      found.push(...(await hiddenBytes(bytes, { ...area, where: `udta.${atom.id}`, what: 'padding' })));
    } else
      found.push(
        ...fieldLeaks(atom, await bytes.read(atom.dataOffset, Math.min(atom.sizeBytes, maxFieldBytes))),
      );
  }
  return found;
}

function fieldLeaks(atom: Atom, data: Buffer): Leak[] {
  const where = `udta.${atom.id}`;
  if (atom.id === 'XMP_') return xmlLeaks('xmp', decodeText(data));
  const known = mp4Meanings.get(atom.id);
  // QuickTime strings begin with their length and language, 3GPP fields with version, flags and language.
  if (atom.id.startsWith('©') && data.length >= 4) {
    const text = decodeText(data.subarray(4, 4 + data.readUInt16BE(0)));
    return leakOf(where, known ?? meaningByName(''), text);
  }
  const start = data.indexOf('{');
  if (
    start >= 0 &&
    /transcri|attributedString|locale|timeRange/i.test(data.toString('latin1', start, start + 4096))
  ) {
    const meaning = {
      meaning: 'transcript of what was said, with the time of each word',
      kind: 'text',
    } as const;
    return [leak(where, meaning, decodeText(data.subarray(start)))];
  }
  if (atom.id === 'loci')
    return [leak(where, mp4Meanings.get('loci') ?? meaningByName('gps'), lociText(data))];
  const words = readableText(data);
  const size = sizeInWords(atom.sizeBytes);
  return [
    leak(where, known ?? { meaning: 'further information', kind: 'text' }, words === '' ? size : words),
  ];
}

/** Name and coordinates of a 3GPP location. @see 3GPP TS 26.244, table 8.10 */
function lociText(data: Buffer): string {
  const nameEnd = data.indexOf(0, 6);
  const at = nameEnd + 2; // one byte of role
  if (nameEnd < 0 || at + 12 > data.length) return readableText(data);
  const degrees = (offset: number): string => (data.readInt32BE(at + offset) / 65536).toFixed(5);
  return `${decodeText(data.subarray(6, nameEnd))} latitude ${degrees(4)}, longitude ${degrees(0)}`;
}

/** Lists a `meta` atom: iTunes entries by their own names, QuickTime entries by the names in `keys`. */
export async function metaLeaks(bytes: FileBytes, meta: Atom): Promise<Leak[]> {
  // ISO puts version and flags before the children, QuickTime does not.
  const start = await bytes.read(meta.dataOffset, 8);
  const isFull = start.length === 8 && start.toString('latin1', 4, 8) !== 'hdlr';
  const children = await childAtoms(bytes, meta, isFull ? 4 : 0);
  const keysAtom = children.find((atom) => atom.id === 'keys');
  const keys =
    keysAtom === undefined ? [] : keyNames(await bytes.read(keysAtom.dataOffset, maxFieldBytes), keysAtom);
  const found: Leak[] = [];
  for (const child of children) {
    if (child.id === 'hdlr' || child.id === 'keys') continue;
    if (child.id === 'free' || child.id === 'skip') {
      const area = { offset: child.dataOffset, sizeBytes: child.sizeBytes };
      found.push(...(await hiddenBytes(bytes, { ...area, where: `meta.${child.id}`, what: 'padding' })));
    } else if (child.id === 'ilst') {
      for (const entry of (await childAtoms(bytes, child)).slice(0, maxEntries)) {
        found.push(...(await entryLeaks(bytes, entry, keys)));
      }
    } else {
      const data = await bytes.read(child.dataOffset, Math.min(child.sizeBytes, maxFieldBytes));
      if (child.id === 'xml ') found.push(...xmlLeaks('meta.xml', decodeText(data.subarray(4))));
      else
        found.push(
          leak(
            `meta.${child.id}`,
            meaningByName(''),
            `${sizeInWords(child.sizeBytes)} ${readableText(data)}`,
          ),
        );
    }
  }
  return found;
}

function keyNames(data: Buffer, atom: Atom): string[] {
  const names: string[] = [];
  const end = Math.min(data.length, atom.sizeBytes);
  for (let at = 8; at + 8 <= end;) {
    const size = data.readUInt32BE(at);
    if (size < 8) break;
    names.push(data.toString('utf8', at + 8, Math.min(at + size, end)));
    at += size;
  }
  return names;
}

async function entryLeaks(bytes: FileBytes, entry: Atom, keys: readonly string[]): Promise<Leak[]> {
  const parts = await childAtoms(bytes, entry);
  const text = async (id: string): Promise<string> => {
    const part = parts.find((atom) => atom.id === id);
    return part === undefined
      ? ''
      : decodeText((await bytes.read(part.dataOffset, Math.min(part.sizeBytes, 1024))).subarray(4));
  };
  const { where, meaning } = await nameEntry(entry, keys, text);
  const found: Leak[] = [];
  for (const part of parts.filter((atom) => atom.id === 'data')) {
    const data = await bytes.read(part.dataOffset, Math.min(part.sizeBytes, maxFieldBytes));
    if (data.length >= 8) found.push(...valueLeaks(where, meaning, data, part.sizeBytes));
  }
  return found;
}

async function nameEntry(
  entry: Atom,
  keys: readonly string[],
  text: (id: string) => Promise<string>,
): Promise<{ where: string; meaning: Meaning }> {
  if (entry.id === '----') {
    const name = `${await text('mean')}.${await text('name')}`;
    return { where: `ilst.${name}`, meaning: meaningByName(name.slice(name.lastIndexOf('.') + 1)) };
  }
  const key = keys[Buffer.from(entry.id, 'latin1').readUInt32BE(0) - 1];
  if (key !== undefined) return { where: `keys.${key}`, meaning: meaningByName(key) };
  return { where: `ilst.${entry.id}`, meaning: mp4Meanings.get(entry.id) ?? meaningByName('') };
}

/** Types of values. @see QuickTime File Format, "Well-known types" */
const valueTypes = { utf8: 1, utf16: 2, jpeg: 13, png: 14, signed: 21, unsigned: 22 } as const;

function valueLeaks(where: string, meaning: Meaning, data: Buffer, sizeBytes: number): Leak[] {
  const type = data.readUInt32BE(0) & 0xffffff;
  const value = data.subarray(8);
  if (type === valueTypes.jpeg || type === valueTypes.png || meaning.kind === 'picture') {
    return pictureLeaks(where, type === valueTypes.png ? 'image/png' : 'image/jpeg', value, sizeBytes - 8);
  }
  if (type === valueTypes.utf8) return leakOf(where, meaning, decodeText(value));
  if (type === valueTypes.utf16)
    return leakOf(
      where,
      meaning,
      Buffer.from(value.subarray(0, value.length & ~1))
        .swap16()
        .toString('utf16le'),
    );
  if (
    (type === valueTypes.signed || type === valueTypes.unsigned) &&
    value.length >= 1 &&
    value.length <= 6
  ) {
    return leakOf(where, meaning, String(value.readIntBE(0, value.length)));
  }
  const words = readableText(value);
  return [leak(where, meaning, words === '' ? sizeInWords(value.length) : words)];
}
