import type { LinearProbe, ProbeTable } from '../models/probe-table.js';

/** Where each value of a frame stands in {@link GateSums.values}; the noise kinds follow. */
export const sumIndex = { speech: 0, voiced: 1, f0: 2, snr: 3, domain: 4, noise: 5 } as const;

/** Frames after which the sums start from nothing again: one minute. */
const renewalFrames = 3750;

/** One weighted sum over the bits of a frame, averaged over some frames. */
interface WindowedSum {
  readonly bias: number;
  readonly averageFrames: number;
  readonly delayFrames: number;
  /** the sums of the last frames, [averageFrames] */
  readonly ring: Float64Array;
  sum: number;
}

/**
 * The weighted sums of a {@link ProbeTable} over a stream of gate bits.
 *
 * A mean over the bits and a weighted sum may be taken in either order: so each frame's bits are summed once, with all probes'
 * weights of a bit side by side, and the mean is kept up to date by adding the newest frame and taking the oldest away. Of the sum
 * itself only what changed since the frame before is added: neighbours share most of their bits. Every {@link renewalFrames} it is
 * taken anew, so that rounding errors do not add up over hours.
 *
 * A window at either end of the recording is averaged over the frames that there are; where there is none, the value is NaN.
 */
export class GateSums {
  /** sums of one frame, [5 + noise labels] in the order of {@link sumIndex}; overwritten by the next */
  readonly values: Float64Array;
  /** frames that pass until the values of a frame are complete */
  readonly delayFrames: number;
  /** bits that any probe reads, rising */
  readonly #readBits: Int32Array;
  /** [readBits][sums] */
  readonly #weights: Float64Array;
  readonly #sums: readonly WindowedSum[];
  /** weighted sums of the last frame's bits, and those of them that are read */
  readonly #frameSums: Float64Array;
  readonly #bits: Uint8Array;
  readonly #nothing: Float64Array;
  /** values that are known of frames that are not complete, [delayFrames + 1][sums] */
  readonly #pending: Float64Array;
  /** frames pushed */
  #frames = 0;
  /** frames pushed, and those beyond the end by which the last windows run empty */
  #steps = 0;

  /**
   * @param gateCount  bits of one frame
   * @throws RangeError when the table names a bit that the net does not have
   */
  constructor(table: ProbeTable, gateCount: number) {
    const { speech, voiced, f0, snr, domain, noise } = table;
    const { averageFrames, delayFrames, bits } = noise;
    const kinds = noise.weights.map((weights, i) => ({
      ...{ bits, weights, averageFrames, delayFrames, bias: noise.bias[i] ?? 0 },
    }));
    const probes: readonly LinearProbe[] = [speech, voiced, f0, snr, domain, ...kinds];
    this.#readBits = bitsRead(probes, gateCount);
    this.#weights = weightMatrix(probes, this.#readBits);
    this.#sums = probes.map((probe) => ({
      bias: probe.bias,
      averageFrames: probe.averageFrames,
      delayFrames: probe.delayFrames,
      ring: new Float64Array(probe.averageFrames),
      sum: 0,
    }));
    this.delayFrames = Math.max(...probes.map((probe) => probe.delayFrames));
    this.values = new Float64Array(probes.length);
    this.#frameSums = new Float64Array(probes.length);
    this.#nothing = new Float64Array(probes.length);
    this.#bits = new Uint8Array(this.#readBits.length);
    this.#pending = new Float64Array((this.delayFrames + 1) * probes.length);
  }

  /**
   * @param gates  [gateCount], 0 or 1; not kept
   * @returns the frame that {@link values} now speak of; -1 while none is complete
   */
  push(gates: Uint8Array): number {
    const count = this.values.length;
    const weights = this.#weights;
    const frameSums = this.#frameSums;
    const bits = this.#bits;
    const readBits = this.#readBits;
    if (this.#frames % renewalFrames === 0) {
      frameSums.fill(0);
      bits.fill(0);
    }
    for (let index = 0; index < readBits.length; index++) {
      const gate = gates[readBits[index]!]!;
      const change = gate - bits[index]!;
      if (change === 0) continue;
      bits[index] = gate;
      const row = index * count;
      for (let i = 0; i < count; i++) frameSums[i]! += change * weights[row + i]!;
    }
    this.#frames++;
    return this.#step(frameSums);
  }

  /**
   * Goes beyond the end, to the next frame that has no values yet. To be called until it gives -1; nothing may be pushed after it.
   * @returns the frame that {@link values} now speak of; -1 once there is none left
   */
  drain(): number {
    let complete = -1;
    // A recording shorter than the delay has completed nothing yet.
    while (complete < 0 && this.#steps < this.#frames + this.delayFrames)
      complete = this.#step(this.#nothing);
    return complete;
  }

  #step(frameSums: Float64Array): number {
    const count = this.values.length;
    const rows = this.delayFrames + 1;
    const now = this.#steps++;
    const last = Math.min(now, this.#frames - 1);
    for (let i = 0; i < count; i++) {
      const sum = this.#sums[i]!;
      const { ring, averageFrames, delayFrames } = sum;
      const slot = now % averageFrames;
      sum.sum += frameSums[i]! - ring[slot]!;
      ring[slot] = frameSums[i]!;
      const described = now - delayFrames;
      if (described < 0 || described >= this.#frames) continue;
      const frames = last - Math.max(0, now - averageFrames + 1) + 1;
      this.#pending[(described % rows) * count + i] = frames > 0 ? sum.bias + sum.sum / frames : NaN;
    }
    const complete = now - this.delayFrames;
    if (complete < 0) return -1;
    const start = (complete % rows) * count;
    for (let i = 0; i < count; i++) this.values[i] = this.#pending[start + i]!;
    return complete;
  }
}

function bitsRead(probes: readonly LinearProbe[], gateCount: number): Int32Array {
  const read = new Set(probes.flatMap(({ bits }) => bits));
  for (const bit of read) {
    if (bit < gateCount) continue;
    throw new RangeError(`Expected probes of ${gateCount} bits, found one that reads bit ${bit}.`);
  }
  return Int32Array.from(read).sort();
}

/** @returns [readBits][probes] */
function weightMatrix(probes: readonly LinearProbe[], readBits: Int32Array): Float64Array {
  const matrix = new Float64Array(readBits.length * probes.length);
  const rowOf = new Map(Array.from(readBits, (bit, row) => [bit, row]));
  probes.forEach(({ bits, weights }, probe) => {
    bits.forEach((bit, i) => {
      matrix[rowOf.get(bit)! * probes.length + probe]! += weights[i] ?? 0;
    });
  });
  return matrix;
}
