import type { LaneName } from '../../contract/lanes.js';
import type { ProbeTable } from '../models/probe-table.js';
import { GateSums, sumIndex } from './gate-sums.js';
import { laneCount, speechThreshold } from './lanes.js';

/** Two minutes of frames; grows from there. */
const firstFrames = 7500;

/** Turns gate bits into lanes, frame by frame; knows neither sound nor files. */
export class LanesFromGates {
  readonly #table: ProbeTable;
  readonly #sums: GateSums;
  /** mean square below which a frame is silence */
  readonly #silencePower: number;
  /** whether the frames that wait for their sums are silence */
  readonly #silent: Uint8Array;
  #values = new Float32Array(firstFrames * laneCount);
  #pushed = 0;
  #frames = 0;

  /** @throws RangeError when the table names a bit that the net does not have */
  constructor(table: ProbeTable, gateCount: number) {
    this.#table = table;
    this.#sums = new GateSums(table, gateCount);
    this.#silencePower = 10 ** (table.silenceDbfs / 10);
    this.#silent = new Uint8Array(this.#sums.delayFrames + 1);
  }

  /** Frames whose lanes are known. */
  get frames(): number {
    return this.#frames;
  }

  /** Lanes of those frames, [frames][laneCount]; a view that the next call may leave behind. */
  get values(): Float32Array {
    return this.#values.subarray(0, this.#frames * laneCount);
  }

  /**
   * @param gates  [gateCount], 0 or 1; not kept
   * @param power  mean square of the frame, full scale 1
   */
  push(gates: Uint8Array, power: number): void {
    this.#silent[this.#pushed % this.#silent.length] = power < this.#silencePower ? 1 : 0;
    this.#pushed++;
    this.#note(this.#sums.push(gates));
  }

  /** Completes the frames that wait for later ones. Nothing may be pushed after it. */
  finish(): void {
    for (let frame = this.#sums.drain(); frame >= 0; frame = this.#sums.drain()) this.#note(frame);
  }

  #note(frame: number): void {
    if (frame < 0) return;
    const at = frame * laneCount;
    if (at + laneCount > this.#values.length) this.#grow();
    const values = this.#values;
    const sums = this.#sums.values;
    this.#frames = frame + 1;
    const silent = this.#silent[frame % this.#silent.length] === 1;
    // Written so that a sum that is no number is unknown as well.
    if (silent || !(sums[sumIndex.domain]! >= 0)) {
      values.fill(NaN, at, at + laneCount);
      return;
    }
    const { snr } = this.#table;
    const speech = sigmoid(sums[sumIndex.speech]!);
    const speaks = speech >= speechThreshold;
    values[at] = speech;
    values[at + 1] = speaks && sums[sumIndex.voiced]! >= 0 ? this.#f0Hz() : NaN;
    // Fitted where somebody speaks; between the words there is no ratio to tell.
    values[at + 2] = speaks ? Math.min(snr.maximumDb, Math.max(snr.minimumDb, sums[sumIndex.snr]!)) : NaN;
    values[at + 3] = this.#noise();
  }

  #f0Hz(): number {
    const { minimumHz, maximumHz, trusted } = this.#table.f0;
    if (!trusted) return NaN;
    const f0Hz = 2 ** this.#sums.values[sumIndex.f0]!;
    return f0Hz >= minimumHz && f0Hz <= maximumHz ? f0Hz : NaN;
  }

  /** @returns index of the likeliest kind; NaN when it is not likely enough */
  #noise(): number {
    const sums = this.#sums.values;
    let best = sumIndex.noise as number;
    for (let i = best + 1; i < sums.length; i++) if (sums[i]! > sums[best]!) best = i;
    let total = 0;
    for (let i = sumIndex.noise; i < sums.length; i++) total += Math.exp(sums[i]! - sums[best]!);
    const { trusted, minimumProbability } = this.#table.noise;
    return trusted && 1 / total >= minimumProbability ? best - sumIndex.noise : NaN;
  }

  #grow(): void {
    const larger = new Float32Array(2 * this.#values.length);
    larger.set(this.#values);
    this.#values = larger;
  }
}

/** @returns lanes whose probe failed on recordings it was not fitted on */
export function untoldLanes({ f0, noise }: ProbeTable): LaneName[] {
  return [...(f0.trusted ? [] : (['f0Hz'] as const)), ...(noise.trusted ? [] : (['noise'] as const))];
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
