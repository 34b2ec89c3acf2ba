/** Share of each source channel in the left and in the right ear, [channel][left, right]. */
export type FoldDown = readonly (readonly [left: number, right: number])[];

const minus3Db = Math.SQRT1_2;
const left = [1, 0] as const;
const right = [0, 1] as const;
const centre = [minus3Db, minus3Db] as const;
const silent = [0, 0] as const;
const surroundLeft = [minus3Db, 0] as const;
const surroundRight = [0, minus3Db] as const;

/** By channel count, in the order of WAVEFORMATEXTENSIBLE: L R C LFE, back, side. */
const layouts: Readonly<Record<number, FoldDown>> = {
  1: [[1, 1]],
  2: [left, right],
  3: [left, right, centre],
  4: [left, right, surroundLeft, surroundRight],
  5: [left, right, centre, surroundLeft, surroundRight],
  6: [left, right, centre, silent, surroundLeft, surroundRight],
  7: [left, right, centre, silent, centre, surroundLeft, surroundRight],
  8: [left, right, centre, silent, surroundLeft, surroundRight, surroundLeft, surroundRight],
};

/**
 * Coefficients after ITU-R BS.775-4, annex 4, lowered so that full scale in all channels stays full scale; the LFE is left out, as there.
 * More than eight channels have no agreed order: odd ones go left, even ones right, at equal shares.
 * @param channels  1 or more
 */
export function foldDown(channels: number): FoldDown {
  const layout =
    layouts[channels] ?? Array.from({ length: channels }, (_, channel) => (channel % 2 === 0 ? left : right));
  const loudest = Math.max(
    layout.reduce((sum, [share]) => sum + share, 0),
    layout.reduce((sum, [, share]) => sum + share, 0),
  );
  return layout.map(([l, r]) => [l / loudest, r / loudest] as const);
}

/**
 * Folds interleaved sample frames to two channels inside a wider interleaved buffer.
 * @param source         interleaved, [frames][channels]
 * @param shares         one entry per source channel
 * @param target         interleaved, [slots][targetStride]; written at `targetOffset` and the number behind it
 * @param firstSlot      slot of the first frame; wraps at the end of `target`
 * @param reversed       writes the last frame first
 */
export function writeFolded(
  source: Float32Array,
  shares: FoldDown,
  target: Float32Array,
  firstSlot: number,
  targetStride: number,
  targetOffset: number,
  reversed: boolean,
): void {
  const channels = shares.length;
  const frames = Math.floor(source.length / channels);
  const slots = target.length / targetStride;
  const plainMono = channels === 1;
  const plainStereo = channels === 2;
  for (let frame = 0; frame < frames; frame++) {
    const from = (reversed ? frames - 1 - frame : frame) * channels;
    const to = ((firstSlot + frame) % slots) * targetStride + targetOffset;
    if (plainMono || plainStereo) {
      // Not multiplied, so that a recording is heard bit for bit.
      target[to] = source[from] ?? 0;
      target[to + 1] = source[plainMono ? from : from + 1] ?? 0;
      continue;
    }
    let l = 0;
    let r = 0;
    for (let channel = 0; channel < channels; channel++) {
      const sample = source[from + channel] ?? 0;
      const share = shares[channel] ?? silent;
      l += sample * share[0];
      r += sample * share[1];
    }
    target[to] = l;
    target[to + 1] = r;
  }
}
