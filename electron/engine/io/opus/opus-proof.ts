import { decodeOggPage, maxOggPageBytes, oggFlags, type OggPage } from '../ogg/ogg-page.js';
import { opusRateHz } from '../output-format.js';
import type { ProofReader, ProvenFacts } from '../output-proof-reader.js';
import {
  emptyOpusTags,
  encodeOpusHead,
  opusMapping,
  opusSerial,
  parseOpusHead,
  streamsOf,
  type OpusHead,
} from './opus-head.js';
import { parseOpusPackets } from './opus-packet.js';

/**
 * Accounts for every byte of an Opus file: Ogg pages with right checksums, numbered without a gap, of one stream with the fixed
 * serial number; the first holds only OpusHead and the second only OpusTags, each exactly as Sotto writes them (no vendor,
 * no comments, neutral rate); all others hold whole Opus packets with well-formed framing, whose padding is zero and whose
 * lengths add up to the granule positions; the last page ends the stream and the file.
 * Not proven: that the compressed frames inside the packets are the sound they claim to be.
 * @throws AppError OUTPUT_NOT_CLEAN
 */
export async function proveOpus(reader: ProofReader): Promise<ProvenFacts> {
  const head = proveHead(reader, await pageAt(reader, 0, 'OpusHead page'));
  const tags = await pageAt(reader, 1, 'OpusTags page');
  if (tags.page.flags !== 0 || tags.page.granule !== 0 || !onlyPiece(tags.page)?.equals(emptyOpusTags)) {
    throw reader.unclean('comments or a vendor in OpusTags', tags.position);
  }

  let sampleFrames = 0;
  let granule = 0;
  let last = false;
  for (let sequence = 2; !last; sequence++) {
    const { page, position } = await pageAt(reader, sequence, 'audio pages');
    let lastPacketFrames = 0;
    for (const piece of page.pieces) {
      const packet = parseOpusPackets(Buffer.from(piece), streamsOf(head));
      if (packet === null) throw reader.unclean('something that is not an Opus packet', position);
      if (!packet.plain) throw reader.unclean('bytes in the padding of an Opus packet', position);
      sampleFrames += packet.sampleFrames;
      lastPacketFrames = packet.sampleFrames;
    }
    ({ granule } = page);
    last = page.flags === oggFlags.last;
    // The sound may end within the last packet, not before it.
    const right = last
      ? granule > sampleFrames - lastPacketFrames && granule <= sampleFrames
      : granule === sampleFrames;
    if (page.pieces.length === 0 || page.open || (page.flags !== 0 && !last) || !right) {
      throw reader.unclean('a page with wrong flags or position', position);
    }
  }
  if (granule <= head.preSkip) throw reader.unclean('an Opus stream without sound');
  return { sampleRateHz: opusRateHz, channels: head.channels, sampleFrames: granule - head.preSkip };
}

function proveHead(reader: ProofReader, { page, position }: PlacedPage): OpusHead {
  const packet = onlyPiece(page);
  const head = packet === null ? null : parseOpusHead(packet);
  if (packet === null || head === null) throw reader.unclean('no OpusHead', position);
  const expected = encodeOpusHead({ ...head, mapping: opusMapping(head.channels) });
  if (page.flags !== oggFlags.first || page.granule !== 0 || !packet.equals(expected)) {
    throw reader.unclean('an OpusHead that differs from the plain one', position);
  }
  return head;
}

function onlyPiece(page: OggPage): Buffer | null {
  const [piece] = page.pieces;
  return piece === undefined || page.pieces.length > 1 || page.open ? null : Buffer.from(piece);
}

interface PlacedPage {
  readonly page: OggPage;
  readonly position: number;
}

async function pageAt(reader: ProofReader, sequence: number, part: string): Promise<PlacedPage> {
  await reader.ensure(maxOggPageBytes);
  const position = reader.offset;
  const decoded = decodeOggPage(reader.view());
  if (decoded === null) throw reader.unclean('the end of the file where a page should be');
  if (typeof decoded === 'string') throw reader.unclean(decoded);
  const { page, pageBytes } = decoded;
  if (page.serial !== opusSerial) throw reader.unclean(`a page of another stream, ${page.serial}`);
  if (page.sequence !== sequence) throw reader.unclean(`page ${page.sequence} where ${sequence} should be`);
  reader.claim(pageBytes, part);
  return { page, position };
}
