import type { FileBytes } from './file-bytes.js';
import { atomAt, childAtoms, listAtoms, type Atom } from './mp4-atoms.js';

/** Edits beyond the first few do not occur in recordings. */
const maxEdits = 64;

/**
 * Counts the sample frames of an MP4's first sound track exactly.
 * The edit list rounds to the movie's clock, often milliseconds; the media's own duration counts samples. Where both mean
 * the same length, the media's count is taken, else what the edits say.
 * @param sampleRateHz  of the decoded sound
 * @returns null when the file has no such track, keeps its sound in fragments, or is edited in more than one piece
 * @see ISO/IEC 14496-12, 8.4.2 (mdhd) and 8.6.6 (elst)
 */
export async function readMp4SampleFrames(bytes: FileBytes, sampleRateHz: number): Promise<number | null> {
  const top = await listAtoms(bytes, 0, bytes.sizeBytes);
  const movie = top.find((atom) => atom.id === 'moov');
  if (movie === undefined || top.some((atom) => atom.id === 'moof')) return null;
  const inMovie = await childAtoms(bytes, movie);
  const movieClock = await readClock(bytes, await atomAt(bytes, inMovie, ['mvhd']));
  for (const track of inMovie.filter((atom) => atom.id === 'trak')) {
    const inTrack = await childAtoms(bytes, track);
    const handler = await atomAt(bytes, inTrack, ['mdia', 'hdlr']);
    if (handler === null || (await bytes.read(handler.dataOffset + 8, 4)).toString('latin1') !== 'soun')
      continue;
    const media = await readClock(bytes, await atomAt(bytes, inTrack, ['mdia', 'mdhd']));
    if (media === null || movieClock === null) return null;
    const edits = await atomAt(bytes, inTrack, ['edts', 'elst']);
    const gapless = edits === null ? await readGaplessFrames(bytes, inMovie) : null;
    if (gapless !== null) return Math.round((gapless / media.ticksPerSecond) * sampleRateHz);
    const ticks = await playedTicks(bytes, edits, media, movieClock);
    return ticks === null ? null : Math.round((ticks / media.ticksPerSecond) * sampleRateHz);
  }
  return null;
}

interface Clock {
  readonly ticksPerSecond: number;
  readonly durationTicks: number;
}

/** Reads `mvhd` or `mdhd`, whose clocks stand alike. */
async function readClock(bytes: FileBytes, atom: Atom | null): Promise<Clock | null> {
  if (atom === null) return null;
  const fields = await bytes.read(atom.dataOffset, 32);
  if (fields.length < 32) return null;
  const wide = fields[0] === 1;
  const ticksPerSecond = fields.readUInt32BE(wide ? 20 : 12);
  const durationTicks = wide ? Number(fields.readBigUInt64BE(24)) : fields.readUInt32BE(16);
  return ticksPerSecond === 0 || durationTicks === 0 ? null : { ticksPerSecond, durationTicks };
}

async function playedTicks(
  bytes: FileBytes,
  list: Atom | null,
  media: Clock,
  movie: Clock,
): Promise<number | null> {
  if (list === null) return media.durationTicks;
  const fields = await bytes.read(list.dataOffset, 8 + 20 * maxEdits);
  if (fields.length < 8) return null;
  const wide = fields[0] === 1;
  const entryBytes = wide ? 20 : 12;
  const count = Math.min(fields.readUInt32BE(4), Math.floor((fields.length - 8) / entryBytes));
  const edits: { movieTicks: number; startTicks: number }[] = [];
  for (let n = 0; n < count; n++) {
    const at = 8 + n * entryBytes;
    const movieTicks = wide ? Number(fields.readBigUInt64BE(at)) : fields.readUInt32BE(at);
    const startTicks = wide ? Number(fields.readBigInt64BE(at + 8)) : fields.readInt32BE(at + 4);
    if (startTicks >= 0) edits.push({ movieTicks, startTicks }); // negative: only a delay
  }
  const [edit] = edits;
  if (edit === undefined) return media.durationTicks;
  if (edits.length > 1) return null;
  const whole = media.durationTicks - edit.startTicks;
  if (edit.movieTicks === 0) return whole > 0 ? whole : null;
  const movieTickInMediaTicks = media.ticksPerSecond / movie.ticksPerSecond;
  const edited = edit.movieTicks * movieTickInMediaTicks;
  return Math.abs(whole - edited) <= movieTickInMediaTicks + 1 ? whole : Math.round(edited);
}

/**
 * Reads iTunes' note of priming, padding and true length, which some encoders write instead of an edit list.
 * @returns the media's ticks without both; null without such a note
 */
async function readGaplessFrames(bytes: FileBytes, inMovie: readonly Atom[]): Promise<number | null> {
  const meta = await atomAt(bytes, inMovie, ['udta', 'meta']);
  if (meta === null) return null;
  // iTunes' `meta` has four bytes of version and flags before its children.
  const list = (await childAtoms(bytes, meta, 4)).find((atom) => atom.id === 'ilst');
  if (list === undefined) return null;
  for (const entry of await childAtoms(bytes, list)) {
    if (entry.id !== '----' || entry.sizeBytes > 1024) continue;
    const text = (await bytes.read(entry.dataOffset, entry.sizeBytes)).toString('latin1');
    const fields = /iTunSMPB[^]*? [0-9A-F]{8} [0-9A-F]{8} [0-9A-F]{8} ([0-9A-F]{16})/i.exec(text);
    const frames = Number.parseInt(fields?.[1] ?? '', 16);
    if (frames > 0) return frames;
  }
  return null;
}
