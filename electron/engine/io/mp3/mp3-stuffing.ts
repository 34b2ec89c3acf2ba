import type { Mp3FrameHeader, Mp3SideInfo } from './mp3-frame.js';

/**
 * Follows the stream of main data through the bit reservoir and looks at every bit that belongs to no granule: there an
 * encoder may write what it likes. LAME writes its name, then alternating bits.
 */
export class Mp3StuffingCheck {
  #stream = Buffer.alloc(0);
  /** first bit of `#stream` that was not looked at or skipped yet */
  #bit = 0;

  /**
   * @param frame  the whole frame
   * @returns what is wrong; null when nothing is
   */
  push(frame: Buffer, header: Mp3FrameHeader, side: Mp3SideInfo): string | null {
    const start = (this.#stream.length - side.reservoirBytes) * 8;
    if (start < this.#bit) return 'main data that overlaps the frame before';
    const found = isLameStuffing(this.#stream, this.#bit, start) ? null : 'foreign bits between two frames';
    const area = frame.subarray(header.mainDataOffset);
    const end = start + side.mainDataBits;
    const bytes = Buffer.concat([this.#stream, area]);
    if (end > bytes.length * 8) return 'main data that is longer than its frame';
    const done = end >>> 3;
    this.#stream = bytes.subarray(done);
    this.#bit = end - done * 8;
    return found;
  }

  /** @returns what is wrong after the last frame's data; null when nothing is */
  finish(): string | null {
    const end = this.#stream.length * 8;
    return isLameStuffing(this.#stream, this.#bit, end) ? null : 'foreign bits after the last frame';
  }
}

const name = Buffer.from('LAME', 'latin1');

/** Longest version after the name, such as 3.100. */
const maxVersionBytes = 8;

/** How often LAME may fill up in a row: after a frame, before the next, and at the end of the file. */
const maxFillings = 3;

/**
 * What stays free to choose is where a filling ends and with which bit its run begins: too little for a word.
 * @returns whether the bits from `from` up to but not including `to` are what LAME fills gaps with
 */
export function isLameStuffing(bytes: Uint8Array, from: number, to: number, fillings = maxFillings): boolean {
  if (from === to) return true;
  if (fillings === 0) return false;
  let at = from;
  let named = 0;
  while (named < name.length && at + 8 <= to && byteAt(bytes, at) === name[named]) {
    at += 8;
    named++;
  }
  if (named === name.length) {
    for (let i = 0; i < maxVersionBytes && at + 8 <= to && isVersionCharacter(byteAt(bytes, at)); i++)
      at += 8;
  }
  const runStart = at;
  // Up to one bit is free, then each differs from the one before.
  if (at < to) at++;
  while (at < to && bitAt(bytes, at) !== bitAt(bytes, at - 1)) at++;
  // Without the whole name there were fewer than eight bits left, else another letter would stand there.
  const runEnd = named === name.length ? at : Math.min(at, runStart + 7);
  if (runEnd === to) return true;
  // Another filling follows; its first bits (0 1 0 of an L) may look like a part of the run.
  for (let next = runEnd; next >= Math.max(runStart, runEnd - 7); next--) {
    if (next > from && isLameStuffing(bytes, next, to, fillings - 1)) return true;
  }
  return false;
}

function isVersionCharacter(byte: number): boolean {
  return byte === 0x2e || (byte >= 0x30 && byte <= 0x39);
}

function bitAt(bytes: Uint8Array, bit: number): number {
  return (bytes[bit >>> 3]! >>> (7 - (bit & 7))) & 1;
}

/** Eight bits that need not lie in one byte. */
function byteAt(bytes: Uint8Array, bit: number): number {
  const index = bit >>> 3;
  const word = (bytes[index]! << 8) | (bytes[index + 1] ?? 0);
  return (word >>> (8 - (bit & 7))) & 0xff;
}
