import { describe, expect, it } from 'vitest';
import { randomNumbers } from '../io/reading/recordings.fake.js';
import type { LinearProbe, ProbeTable } from '../models/probe-table.js';
import { bitProbe, tinyProbes } from '../models/tiny-probes.fake.js';
import { GateSums, sumIndex } from './gate-sums.js';

/** Sums in float64 in another order. */
const roundingTolerance = 1e-9;

/** Every probe with a window, a delay and bits of its own. */
function randomTable(gateCount: number, next: () => number): ProbeTable {
  const whole = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  const probe = (): LinearProbe => {
    const bits = Array.from({ length: whole(1, gateCount) }, () => whole(0, gateCount - 1));
    const weights = bits.map(() => 2 * next() - 1);
    return { bits, weights, bias: next(), averageFrames: whole(1, 9), delayFrames: whole(0, 6) };
  };
  const kinds = [0, 1, 2];
  const shared = probe();
  return tinyProbes({
    speech: probe(),
    voiced: probe(),
    f0: { ...probe(), trusted: true, minimumHz: 60, maximumHz: 500 },
    snr: { ...probe(), minimumDb: -10, maximumDb: 30 },
    domain: probe(),
    noise: {
      labels: kinds.map(String),
      bits: shared.bits,
      weights: kinds.map(() => shared.bits.map(() => 2 * next() - 1)),
      bias: kinds.map(() => next()),
      averageFrames: shared.averageFrames,
      delayFrames: shared.delayFrames,
      trusted: true,
      minimumProbability: 0,
    },
  });
}

/** The definition in `probe-table.ts`, word by word. */
function expectedValue(probe: LinearProbe, gates: readonly Uint8Array[], t: number): number {
  const end = t + probe.delayFrames;
  const window = gates.slice(Math.max(0, end - probe.averageFrames + 1), end + 1);
  if (window.length === 0) return NaN;
  const mean = (bit: number): number => window.reduce((sum, frame) => sum + frame[bit]!, 0) / window.length;
  return probe.bits.reduce((sum, bit, i) => sum + probe.weights[i]! * mean(bit), probe.bias);
}

function allValues(table: ProbeTable, gates: readonly Uint8Array[], gateCount: number): number[][] {
  const sums = new GateSums(table, gateCount);
  const rows: number[][] = [];
  const note = (frame: number): void => {
    if (frame < 0) return;
    expect(frame).toBe(rows.length);
    rows.push([...sums.values]);
  };
  for (const frame of gates) note(sums.push(frame));
  for (let frame = sums.drain(); frame >= 0; frame = sums.drain()) note(frame);
  return rows;
}

describe('the sums over gates', () => {
  it.each([1, 2, 3, 4, 5, 6])('are the weighted means of the table, at both ends too (seed %i)', (seed) => {
    const next = randomNumbers(seed);
    const gateCount = 12;
    const table = randomTable(gateCount, next);
    for (const frames of [1, 3, 40]) {
      const gates = Array.from({ length: frames }, () =>
        Uint8Array.from({ length: gateCount }, () => (next() < 0.4 ? 1 : 0)),
      );
      const rows = allValues(table, gates, gateCount);
      expect(rows).toHaveLength(frames);
      const { speech, voiced, f0, snr, domain, noise } = table;
      const kinds = noise.weights.map((weights, i) => ({ ...noise, weights, bias: noise.bias[i]! }));
      [speech, voiced, f0, snr, domain, ...kinds].forEach((probe, i) => {
        rows.forEach((row, t) => {
          const expected = expectedValue(probe, gates, t);
          if (Number.isNaN(expected)) expect(row[i]).toBeNaN();
          else expect(Math.abs(row[i]! - expected)).toBeLessThan(roundingTolerance);
        });
      });
    }
  });

  it('stay exact over hours: what comes in goes out again', () => {
    const table = tinyProbes({ speech: bitProbe(0, 0.1, 0, { averageFrames: 31 }) });
    const sums = new GateSums(table, 6);
    const frame = new Uint8Array(6);
    for (let t = 0; t < 450_000; t++) {
      frame[0] = (t * 7919) % 3 === 0 ? 1 : 0;
      sums.push(frame);
    }
    frame[0] = 0;
    for (let t = 0; t < 31; t++) sums.push(frame);
    expect(Math.abs(sums.values[sumIndex.speech]!)).toBeLessThan(roundingTolerance);
  });

  it('refuse a table of another net', () => {
    expect(() => new GateSums(tinyProbes(), 5)).toThrow(/probes of 5 bits.*bit 5/);
  });
});
