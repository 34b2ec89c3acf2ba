import type { ProofReader, ProvenFacts } from '../output-proof-reader.js';
import { bytesPerSample, wavHeader, type WavFormat } from './wav-header.js';

/**
 * Accounts for every byte of a WAV file: `RIFF` or `RF64` head, `ds64` (RF64 only), `fmt `, `data`, one zero pad byte after
 * an odd `data`, and nothing else. The header must be, bit for bit, the one Sotto writes for these sizes.
 * @throws AppError OUTPUT_NOT_CLEAN
 */
export async function proveWav(reader: ProofReader, format: WavFormat): Promise<ProvenFacts> {
  const head = await reader.peek(12, 'the RIFF head');
  const large = head.toString('latin1', 0, 4) === 'RF64';
  if (!large && head.toString('latin1', 0, 4) !== 'RIFF') throw reader.unclean('no RIFF head');
  if (head.toString('latin1', 8, 12) !== 'WAVE') throw reader.unclean('a RIFF file that is not WAVE', 8);
  // Copied: the window that it is a view of moves on.
  const riffHead = Buffer.from(head);
  reader.claim(12, large ? 'RF64 head' : 'RIFF head');

  const ds64 = large ? await chunk(reader, 'ds64', 28) : Buffer.alloc(0);
  const formatAt = reader.offset;
  const formatHead = await reader.peek(8, 'the head of fmt');
  const formatBytes = formatHead.readUInt32LE(4);
  if (![16, 18, 40].includes(formatBytes)) throw reader.unclean(`${chunkWords(formatHead)} in place of fmt`);
  const formatChunk = await chunk(reader, 'fmt ', formatBytes);
  const channels = formatChunk.readUInt16LE(10);
  const sampleRateHz = formatChunk.readUInt32LE(12);
  const dataHead = Buffer.from(await reader.peek(8, 'the head of data'));
  if (dataHead.toString('latin1', 0, 4) !== 'data') throw reader.unclean(chunkWords(dataHead));
  reader.claim(8, 'data head');

  const dataBytes = large ? Number(ds64.readBigUInt64LE(16)) : dataHead.readUInt32LE(4);
  const frameBytes = channels * bytesPerSample(format);
  if (frameBytes === 0 || sampleRateHz === 0 || frameBytes * sampleRateHz > 0xffffffff) {
    throw reader.unclean('impossible channels or rate in fmt', formatAt);
  }
  if (dataBytes % frameBytes !== 0 || dataBytes > reader.sizeBytes) {
    throw reader.unclean('a data size that is not that of whole sample frames in this file');
  }
  const expected = wavHeader(format, { channels, sampleRateHz }, dataBytes, large);
  const found = Buffer.concat([riffHead, ds64, formatChunk, dataHead]);
  const different = firstDifference(found, expected);
  // The size of the whole is judged last: whatever makes it wrong can be named by then.
  const sizeAt = large ? 20 : 4;
  if (different !== null && (different < sizeAt || different >= sizeAt + (large ? 8 : 4))) {
    throw reader.unclean('a header that differs from the plain one for these samples', different);
  }
  await reader.claimUnread(dataBytes, 'data');
  if (dataBytes % 2 === 1) {
    const [pad] = await reader.peek(1, 'the pad byte');
    if (pad !== 0) throw reader.unclean(`a pad byte of ${pad}`);
    reader.claim(1, 'pad byte');
  }
  if (await reader.ensure(8)) throw reader.unclean(chunkWords(reader.view()));
  if (different !== null) throw reader.unclean('a header with a wrong size', different);
  return { sampleRateHz, channels, sampleFrames: dataBytes / frameBytes };
}

/** @returns head and body of the chunk that must stand here */
async function chunk(reader: ProofReader, id: string, bytes: number): Promise<Buffer> {
  const found = await reader.peek(8 + bytes, `the chunk ${id.trim()}`);
  if (found.toString('latin1', 0, 4) !== id || found.readUInt32LE(4) !== bytes) {
    throw reader.unclean(`${chunkWords(found)} in place of ${id.trim()}`);
  }
  const copy = Buffer.from(found);
  reader.claim(copy.length, `${id.trim()} chunk`);
  return copy;
}

function chunkWords(head: Buffer): string {
  const id = head.toString('latin1', 0, 4).replace(/[^\x20-\x7e]/g, '?');
  return `a chunk "${id}" of ${head.readUInt32LE(4)} bytes`;
}

function firstDifference(found: Buffer, expected: Buffer): number | null {
  const end = Math.max(found.length, expected.length);
  for (let i = 0; i < end; i++) if (found[i] !== expected[i]) return i;
  return null;
}
