import { opusRateHz } from '../output-format.js';

/** What the first packet of an Opus file says. */
export interface OpusHead {
  readonly channels: number;
  /** sample frames at 48 kHz before the sound, which a player skips */
  readonly preSkip: number;
  /** null for mono and stereo (family 0); else stream count, coupled count and the mapping (family 1) */
  readonly mapping: Buffer | null;
}

/**
 * The channel mapping of family 1: streams, coupled streams, and for each loudspeaker its place among the decoded
 * channels (RFC 7845 section 5.1.1.2, as libopus chooses them).
 */
const surroundMappings: Readonly<Record<number, readonly number[]>> = {
  3: [2, 1, 0, 2, 1],
  4: [2, 2, 0, 1, 2, 3],
  5: [3, 2, 0, 4, 1, 2, 3],
  6: [4, 2, 0, 4, 1, 2, 3, 5],
  7: [5, 2, 0, 4, 1, 2, 3, 5, 6],
  8: [5, 3, 0, 6, 1, 2, 3, 4, 5, 7],
};

/** @returns the mapping for a count of channels; null for mono and stereo */
export function opusMapping(channels: number): Buffer | null {
  const mapping = surroundMappings[channels];
  return mapping === undefined ? null : Buffer.from(mapping);
}

/**
 * @returns the identification packet. The "input sample rate", which tells of the source and changes nothing in
 *   decoding, is always 48 kHz; the gain is 0.
 * @see RFC 7845 section 5.1
 */
export function encodeOpusHead({ channels, preSkip, mapping }: OpusHead): Buffer {
  const fixed = Buffer.alloc(19);
  fixed.write('OpusHead', 0, 'latin1');
  fixed[8] = 1;
  fixed[9] = channels;
  fixed.writeUInt16LE(preSkip, 10);
  fixed.writeUInt32LE(opusRateHz, 12);
  fixed[18] = mapping === null ? 0 : 1;
  return mapping === null ? fixed : Buffer.concat([fixed, mapping]);
}

/** @returns what an identification packet says; null when it is none */
export function parseOpusHead(packet: Buffer): OpusHead | null {
  if (packet.length < 19 || packet.toString('latin1', 0, 8) !== 'OpusHead') return null;
  return {
    channels: packet[9]!,
    preSkip: packet.readUInt16LE(10),
    mapping: packet[18] === 0 ? null : packet.subarray(19),
  };
}

/** @returns how many Opus streams each packet holds */
export function streamsOf(head: OpusHead): number {
  return head.mapping?.[0] ?? 1;
}

/** The comment packet that every Opus file must have: no vendor, no comments. @see RFC 7845 section 5.2 */
export const emptyOpusTags: Buffer = Buffer.concat([Buffer.from('OpusTags', 'latin1'), Buffer.alloc(8)]);

/** Serial number of every stream that Sotto writes; others draw it at random, or from the clock. */
export const opusSerial = 1;
