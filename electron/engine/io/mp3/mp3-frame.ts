/** What the header of one MPEG layer III frame says. */
export interface Mp3FrameHeader {
  readonly version: '1' | '2' | '2.5';
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  /** of the whole frame, with its header */
  readonly frameBytes: number;
  /** sample frames: 1152, or 576 for MPEG 2 and 2.5 */
  readonly frameSamples: 1152 | 576;
  /** header, checksum if there is one, and side information: where main data begins */
  readonly mainDataOffset: number;
  /** between header and side information */
  readonly checksumBytes: 0 | 2;
  /** whether bits that could carry a message (private, copyright, emphasis) are all clear */
  readonly plain: boolean;
}

/** Bytes of every frame's header. */
export const mp3HeaderBytes = 4;

const bitRatesKbit1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const bitRatesKbit2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const ratesHz1 = [44100, 48000, 32000];

/**
 * @param bytes  at least {@link mp3HeaderBytes} from `at` on
 * @returns the header that stands at `at`; null for anything that is not layer III with a stated bit rate
 * @see ISO 11172-3 2.4.1.3; ISO 13818-3 2.4.1.3
 */
export function parseMp3FrameHeader(bytes: Buffer, at: number): Mp3FrameHeader | null {
  if (at + mp3HeaderBytes > bytes.length) return null;
  const word = bytes.readUInt32BE(at);
  if (word >>> 21 !== 0x7ff || ((word >>> 17) & 3) !== 1) return null;
  const versionCode = (word >>> 19) & 3;
  const rateIndex = (word >>> 10) & 3;
  const bitRateIndex = (word >>> 12) & 15;
  if (versionCode === 1 || rateIndex === 3 || bitRateIndex === 0 || bitRateIndex === 15) return null;

  const version = versionCode === 3 ? '1' : versionCode === 2 ? '2' : '2.5';
  const sampleRateHz = ratesHz1[rateIndex]! / (version === '1' ? 1 : version === '2' ? 2 : 4);
  const bitRate = 1000 * (version === '1' ? bitRatesKbit1 : bitRatesKbit2)[bitRateIndex]!;
  const frameSamples = version === '1' ? 1152 : 576;
  const padding = (word >>> 9) & 1;
  const channels = ((word >>> 6) & 3) === 3 ? 1 : 2;
  const checksumBytes = ((word >>> 16) & 1) === 0 ? 2 : 0;
  return {
    version,
    sampleRateHz,
    channels,
    frameBytes: Math.floor(((frameSamples / 8) * bitRate) / sampleRateHz) + padding,
    frameSamples,
    mainDataOffset: mp3HeaderBytes + checksumBytes + sideInfoBytes(version, channels),
    checksumBytes,
    plain: ((word >>> 8) & 1) === 0 && ((word >>> 3) & 1) === 0 && (word & 3) === 0,
  };
}

/** @returns bytes of side information in each frame */
export function sideInfoBytes(version: Mp3FrameHeader['version'], channels: 1 | 2): number {
  if (version === '1') return channels === 1 ? 17 : 32;
  return channels === 1 ? 9 : 17;
}

/** Where a frame's main data lies in the stream of main data of all frames. */
export interface Mp3SideInfo {
  /** bytes before the frame's own main data area at which its data begins: the bit reservoir */
  readonly reservoirBytes: number;
  /** bits of scale factors and Huffman codes of all granules and channels */
  readonly mainDataBits: number;
  /** whether the private bits are clear */
  readonly plain: boolean;
}

/** @param frame  the whole frame or at least its side information @see ISO 11172-3 2.4.1.7; ISO 13818-3 2.4.1.7 */
export function parseMp3SideInfo(frame: Buffer, header: Mp3FrameHeader): Mp3SideInfo {
  let bit = (mp3HeaderBytes + header.checksumBytes) * 8;
  const take = (bits: number): number => {
    let value = 0;
    for (let i = 0; i < bits; i++, bit++) value = value * 2 + ((frame[bit >>> 3]! >>> (7 - (bit & 7))) & 1);
    return value;
  };
  const first = header.version === '1';
  const { channels } = header;
  const reservoirBytes = take(first ? 9 : 8);
  const privateBits = take(first ? (channels === 1 ? 5 : 3) : channels);
  if (first) bit += 4 * channels; // scale factor selection
  let mainDataBits = 0;
  const granules = first ? 2 : 1;
  for (let i = 0; i < granules * channels; i++) {
    mainDataBits += take(12);
    bit += first ? 47 : 51;
  }
  return { reservoirBytes, mainDataBits, plain: privateBits === 0 };
}

/**
 * @param atLeastBytes  that the frame must hold
 * @returns header of the smallest unpadded frame without checksum that is large enough
 */
export function mp3FrameHeader(sampleRateHz: number, channels: 1 | 2, atLeastBytes: number): Buffer {
  for (let bitRateIndex = 1; bitRateIndex < 15; bitRateIndex++) {
    for (const [version, divisor] of [
      [3, 1],
      [2, 2],
      [0, 4],
    ] as const) {
      const rateIndex = ratesHz1.indexOf(sampleRateHz * divisor);
      if (rateIndex === -1) continue;
      const header = Buffer.alloc(mp3HeaderBytes);
      const mode = channels === 1 ? 3 : 1; // two channels: joint stereo, as the audio frames
      // Sync, version, layer III, no checksum; bit rate, rate, no padding; mode; marked as an original.
      const word =
        (0x7ff << 21) |
        (version << 19) |
        (3 << 16) |
        (bitRateIndex << 12) |
        (rateIndex << 10) |
        (mode << 6) |
        4;
      header.writeInt32BE(word);
      if ((parseMp3FrameHeader(header, 0)?.frameBytes ?? 0) >= atLeastBytes) return header;
    }
  }
  throw new Error(`no MP3 frame of ${sampleRateHz} Hz holds ${atLeastBytes} bytes`);
}
