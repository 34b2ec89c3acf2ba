import type { FileBytes } from './file-bytes.js';

/** One atom (box) of an MP4, M4A or MOV file. */
export interface Atom {
  /** four characters as they stand, Latin-1; `©` is one of them */
  readonly id: string;
  readonly headerOffset: number;
  readonly dataOffset: number;
  /** bytes of data, not beyond the parent's end */
  readonly sizeBytes: number;
}

/** More atoms on one level than any program writes, other than fragments of a very long stream, which carry nothing else. */
export const maxAtoms = 20_000;

/**
 * @param start  first atom's header
 * @param end    nothing is read at or behind this
 * @returns the atoms on one level; stops where a header cannot be one
 */
export async function listAtoms(bytes: FileBytes, start: number, end: number): Promise<Atom[]> {
  const limit = Math.min(end, bytes.sizeBytes);
  const atoms: Atom[] = [];
  let offset = start;
  while (offset + 8 <= limit && atoms.length < maxAtoms) {
    const header = await bytes.read(offset, 16);
    if (header.length < 8) break;
    const id = header.toString('latin1', 4, 8);
    let size = header.readUInt32BE(0);
    let headerBytes = 8;
    if (size === 1 && header.length === 16) {
      size = Number(header.readBigUInt64BE(8));
      headerBytes = 16;
    } else if (size === 0) {
      size = limit - offset; // up to the end
    }
    if (size < headerBytes) break;
    const dataOffset = offset + headerBytes;
    atoms.push({
      id,
      headerOffset: offset,
      dataOffset,
      sizeBytes: Math.min(offset + size, limit) - dataOffset,
    });
    offset += size;
  }
  return atoms;
}

/** @returns the atoms inside `atom`, behind `skipBytes` of its own fields */
export function childAtoms(bytes: FileBytes, atom: Atom, skipBytes = 0): Promise<Atom[]> {
  return listAtoms(bytes, atom.dataOffset + skipBytes, atom.dataOffset + atom.sizeBytes);
}

/** @returns the first atom found by following `path` down from `atoms`; null when a step is missing */
export async function atomAt(
  bytes: FileBytes,
  atoms: readonly Atom[],
  path: readonly string[],
): Promise<Atom | null> {
  const [first, ...rest] = path;
  const atom = atoms.find((candidate) => candidate.id === first);
  if (atom === undefined) return null;
  return rest.length === 0 ? atom : atomAt(bytes, await childAtoms(bytes, atom), rest);
}
