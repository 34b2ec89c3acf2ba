/** One Opus packet taken apart as far as its framing goes. */
export interface OpusPacket {
  /** sample frames at 48 kHz */
  readonly sampleFrames: number;
  /** bytes used, which is less than were given only when the packet says its own length */
  readonly bytes: number;
  /** whether padding, where anything could stand, holds only zeros */
  readonly plain: boolean;
}

/** Most sample frames of one packet: 120 ms at 48 kHz. */
const maxSampleFrames = 5760;

/** Sample frames at 48 kHz of one frame, by the configuration number (RFC 6716 section 3.1, table 2). */
function frameLength(configuration: number): number {
  if (configuration < 12) return [480, 960, 1920, 2880][configuration & 3]!;
  if (configuration < 16) return [480, 960][configuration & 1]!;
  return [120, 240, 480, 960][configuration & 3]!;
}

/**
 * @param packet         bytes from the beginning of an Opus packet
 * @param selfDelimited  framing of all but the last stream of a packet with several streams: the packet says its length
 * @returns null when the framing is not well-formed
 * @see RFC 6716 section 3.2 and appendix B
 */
export function parseOpusPacket(packet: Buffer, selfDelimited: boolean): OpusPacket | null {
  const [toc] = packet;
  if (toc === undefined) return null;
  const cursor = { packet, at: 1 };
  const code = toc & 3;
  let frames = code === 0 ? 1 : 2;
  let padding = 0;
  let sizes = 0; // bytes of the frames whose lengths are stated
  let stated = 0;
  if (code === 2) {
    const bytes = frameBytes(cursor);
    if (bytes === null) return null;
    sizes = bytes;
    stated = 1;
  } else if (code === 3) {
    const count = packet[cursor.at++];
    if (count === undefined) return null;
    frames = count & 63;
    if (frames === 0 || frames * frameLength(toc >>> 3) > maxSampleFrames) return null;
    if ((count & 64) !== 0) {
      const read = paddingBytes(cursor);
      if (read === null) return null;
      padding = read;
    }
    for (; (count & 128) !== 0 && stated < frames - 1; stated++) {
      const bytes = frameBytes(cursor);
      if (bytes === null) return null;
      sizes += bytes;
    }
  }
  const equalFrames = frames - stated;
  if (selfDelimited) {
    const bytes = frameBytes(cursor);
    if (bytes === null) return null;
    sizes += bytes * equalFrames;
  } else {
    const left = packet.length - cursor.at - padding - sizes;
    if (left < 0 || left % equalFrames !== 0) return null;
    sizes += left;
  }
  const end = cursor.at + sizes + padding;
  if (end > packet.length) return null;
  const plain = packet.subarray(end - padding, end).every((byte) => byte === 0);
  return { sampleFrames: frames * frameLength(toc >>> 3), bytes: end, plain };
}

interface Cursor {
  readonly packet: Buffer;
  at: number;
}

/** Length of a frame: one byte up to 251, else two. */
function frameBytes(cursor: Cursor): number | null {
  const first = cursor.packet[cursor.at++];
  if (first === undefined || first < 252) return first ?? null;
  const second = cursor.packet[cursor.at++];
  return second === undefined ? null : second * 4 + first;
}

/** Length of the padding: each 255 stands for 254 and one more byte. */
function paddingBytes(cursor: Cursor): number | null {
  let bytes = 0;
  for (;;) {
    const byte = cursor.packet[cursor.at++];
    if (byte === undefined) return null;
    if (byte < 255) return bytes + byte;
    bytes += 254;
  }
}

/** Parses a packet of several Opus streams, as surround uses it. @param streams  as OpusHead says; 1 for mono and stereo */
export function parseOpusPackets(packet: Buffer, streams: number): OpusPacket | null {
  let at = 0;
  let sampleFrames: number | null = null;
  let plain = true;
  for (let stream = 0; stream < streams; stream++) {
    const parsed = parseOpusPacket(packet.subarray(at), stream < streams - 1);
    if (parsed === null || (sampleFrames !== null && parsed.sampleFrames !== sampleFrames)) return null;
    sampleFrames = parsed.sampleFrames;
    plain &&= parsed.plain;
    at += parsed.bytes;
  }
  return sampleFrames === null || at !== packet.length ? null : { sampleFrames, bytes: at, plain };
}
