import type { ProofReader, ProvenFacts } from '../output-proof-reader.js';
import { mp3Crc16 } from './mp3-crc.js';
import { mp3HeaderBytes, parseMp3FrameHeader, parseMp3SideInfo, type Mp3FrameHeader } from './mp3-frame.js';
import {
  infoFramePlace,
  lameDelaySamples,
  mp3InfoFrame,
  Mp3SeekPoints,
  paddingOf,
} from './mp3-info-frame.js';
import { Mp3StuffingCheck } from './mp3-stuffing.js';

/**
 * Accounts for every byte of an MP3 file: one Info frame that must be, bit for bit, the one Sotto makes for the frames that
 * follow, then frames chained by their lengths to the end of the file; no ID3, APE or Lyrics tag can stand before,
 * between or after them. Proven of each frame: version, rate and channels as in the first; private, copyright and emphasis
 * bits clear; the bits that belong to no granule are only LAME's own filling (its name and alternating bits).
 * Not proven: that the Huffman codes inside the granules are the sound they claim to be.
 * @throws AppError OUTPUT_NOT_CLEAN
 */
export async function proveMp3(reader: ProofReader): Promise<ProvenFacts> {
  const first = await frameAt(reader, null);
  const { channels, sampleRateHz } = first;
  const { frameBytes, tagAt } = infoFramePlace(sampleRateHz, channels);
  const infoFrame = Buffer.from(await reader.peek(frameBytes, 'the Info frame'));
  if (infoFrame.toString('latin1', tagAt, tagAt + 4) !== 'Xing') throw reader.unclean('no Info frame');
  reader.claim(frameBytes, 'Info frame');

  const points = new Mp3SeekPoints();
  const stuffing = new Mp3StuffingCheck();
  let frames = 0;
  let audioCrc = 0;
  while (await reader.ensure(1)) {
    const header = await frameAt(reader, first);
    const frame = reader.view().subarray(0, header.frameBytes);
    const side = parseMp3SideInfo(frame, header);
    if (!side.plain) throw reader.unclean(`private bits in frame ${frames}`);
    const found = stuffing.push(frame, header, side);
    if (found !== null) throw reader.unclean(`${found} (frame ${frames})`);
    audioCrc = mp3Crc16(audioCrc, frame);
    points.push(reader.offset);
    frames++;
    reader.claim(header.frameBytes, 'audio frames');
  }
  const left = stuffing.finish();
  if (left !== null) throw reader.unclean(left);

  const paddingSamples = paddingOf(infoFrame, tagAt);
  const expected = mp3InfoFrame({
    sampleRateHz,
    channels,
    frames,
    audioBytes: reader.offset - frameBytes,
    audioCrc,
    seekTable: points.table(reader.offset),
    paddingSamples,
  });
  for (let i = 0; i < frameBytes; i++) {
    if (infoFrame[i] !== expected[i]) throw reader.unclean('an Info frame that does not fit the sound', i);
  }
  return {
    sampleRateHz,
    channels,
    sampleFrames: frames * first.frameSamples - lameDelaySamples - paddingSamples,
  };
}

/** @returns header of the frame that must stand whole at the reader's offset, in the format of `first` */
async function frameAt(reader: ProofReader, first: Mp3FrameHeader | null): Promise<Mp3FrameHeader> {
  const header = parseMp3FrameHeader(await reader.peek(mp3HeaderBytes, 'a frame header'), 0);
  if (header === null) {
    const found = reader
      .view()
      .toString('latin1', 0, 4)
      .replace(/[^\x20-\x7e]/g, '.');
    throw reader.unclean(`"${found}" in place of a frame`);
  }
  if (!header.plain) throw reader.unclean('a frame header with private, copyright or emphasis bits');
  if (
    first !== null &&
    (header.version !== first.version ||
      header.sampleRateHz !== first.sampleRateHz ||
      header.channels !== first.channels ||
      header.checksumBytes !== first.checksumBytes)
  ) {
    throw reader.unclean('a frame in another format than the first');
  }
  await reader.peek(header.frameBytes, 'a frame');
  return header;
}
