import type { ProofReader, ProvenFacts } from '../output-proof-reader.js';
import { flacCrc16 } from './flac-crc.js';
import { findFlacFrame, maxFlacHeaderBytes, parseFlacFrameHeader } from './flac-frame.js';
import { flacHead, flacHeadBytes, parseFlacHead, type FlacStreamInfo } from './flac-stream-info.js';

/** The FLAC members of the concrete formats. */
export type FlacFormat = 'flac16' | 'flac24';

/** What is certainly more than any frame that Sotto writes: 8 channels of 4096 uncompressed 24-bit samples are 98 kB. */
const maxFrameBytes = 1 << 20;

/**
 * Accounts for every byte of a FLAC file: the marker, one STREAMINFO that is also the last metadata block, and frames up to
 * the end. Proven of each frame: CRC-8 of its header, CRC-16 of the whole, consecutive number, the same rate, channels and
 * depth as STREAMINFO; of all: block sizes add up to the stated length, frame sizes to the stated range. So nothing
 * stands before, between or after frames. Not proven: that the bits inside a frame are the sound they claim to be
 * (the MD5 in STREAMINFO, computed from the samples before encoding, lets any decoder check that).
 * @throws AppError OUTPUT_NOT_CLEAN
 */
export async function proveFlac(reader: ProofReader, format: FlacFormat): Promise<ProvenFacts> {
  const head = Buffer.from(await reader.peek(flacHeadBytes, 'the FLAC head'));
  if (head.toString('latin1', 0, 4) !== 'fLaC') throw reader.unclean('no FLAC marker');
  if (head.readUInt32BE(4) !== 0x80000022) {
    const type = head[4]! & 0x7f;
    throw reader.unclean(
      type === 0 ? 'a STREAMINFO that is not the last metadata block' : `a metadata block of type ${type}`,
      4,
    );
  }
  const info = parseFlacHead(head);
  if (!flacHead(info).equals(head)) throw reader.unclean('a STREAMINFO with two block sizes', 8);
  if (info.bitsPerSample !== (format === 'flac16' ? 16 : 24)) {
    throw reader.unclean(`${info.bitsPerSample}-bit samples`, 20);
  }
  reader.claim(4, 'fLaC marker');
  reader.claim(flacHeadBytes - 4, 'STREAMINFO');

  let sampleFrames = 0;
  let smallest = Infinity;
  let largest = 0;
  for (let frameNumber = 0; await reader.ensure(1); frameNumber++) {
    await reader.ensure(maxFlacHeaderBytes);
    const blockFrames = assertFrame(reader, info, frameNumber);
    const bytes = await frameBytes(reader, frameNumber);
    // Only the last block may be shorter.
    if (blockFrames !== info.blockFrames && (await reader.ensure(bytes + 1))) {
      throw reader.unclean(`a block of ${blockFrames} sample frames in the middle`);
    }
    smallest = Math.min(smallest, bytes);
    largest = Math.max(largest, bytes);
    sampleFrames += blockFrames;
    reader.claim(bytes, 'audio frames');
  }
  if (sampleFrames !== info.sampleFrames) {
    throw reader.unclean(`${sampleFrames} sample frames where STREAMINFO says ${info.sampleFrames}`);
  }
  if (smallest !== info.minFrameBytes || largest !== info.maxFrameBytes) {
    throw reader.unclean(`frames of ${smallest} to ${largest} bytes against STREAMINFO`);
  }
  return { sampleRateHz: info.sampleRateHz, channels: info.channels, sampleFrames };
}

/** @returns sample frames of the frame that must start at the reader's offset */
function assertFrame(reader: ProofReader, info: FlacStreamInfo, frameNumber: number): number {
  const header = parseFlacFrameHeader(reader.view(), 0);
  if (header?.frameNumber !== frameNumber) {
    throw reader.unclean(`something that is not frame ${frameNumber}`);
  }
  const same =
    header.channels === info.channels &&
    (header.sampleRateHz ?? info.sampleRateHz) === info.sampleRateHz &&
    (header.bitsPerSample ?? info.bitsPerSample) === info.bitsPerSample;
  if (!same) throw reader.unclean(`frame ${frameNumber} in another format than STREAMINFO`);
  return header.blockFrames;
}

/** @returns length of the frame at the reader's offset: up to where its CRC-16 fits and the next one or the end follows */
async function frameBytes(reader: ProofReader, frameNumber: number): Promise<number> {
  let crc = 0;
  let checked = 0;
  let searched = 1;
  for (;;) {
    const bytes = reader.view();
    const next = findFlacFrame(bytes, searched, frameNumber + 1);
    const end = next === -1 ? bytes.length : next;
    if (next !== -1) {
      crc = flacCrc16(crc, bytes, checked, end);
      checked = end;
      if (crc === 0) return end;
      searched = next + 1; // the sync code occurred by chance inside the frame
    } else if (!(await reader.ensure(bytes.length + 1))) {
      if (flacCrc16(crc, bytes, checked, end) === 0) return end;
      throw reader.unclean(`frame ${frameNumber}, or something after it, with a wrong checksum`);
    } else {
      // A header may have been cut off by the end of what was in memory.
      searched = Math.max(searched, bytes.length - maxFlacHeaderBytes);
      if (bytes.length > maxFrameBytes + (1 << 20)) throw reader.unclean(`no end of frame ${frameNumber}`);
    }
  }
}
