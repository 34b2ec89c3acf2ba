import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PulseTrain, pulseReach } from './pulse-train.js';

const folder = join(import.meta.dirname, '..', '..', '..', 'native-models', 'voice-synthesis', 'golden');
/** Rounding of sums in float32, of pulses up to about 20 high. */
const tolerance = 1e-5;

function floatsOf(file: string): Float32Array {
  const bytes = readFileSync(join(folder, file));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** F0 of a sample as step 2 of the definition says it. */
function f0Of(track: Float32Array, n: number, hop: number): number {
  const at = (frame: number): number => track[Math.min(frame, track.length - 1)]!;
  const nearest = at(Math.floor(n / hop + 0.5));
  const before = Math.floor(n / hop);
  const [a, b] = [at(before), at(before + 1)];
  if (nearest <= 0) return 0;
  return a > 0 && b > 0 ? a + (n / hop - before) * (b - a) : nearest;
}

describe('the pulse train', () => {
  it.each([16_000, 24_000, 44_100, 48_000])('at %i Hz is that of the training code', (sampleRateHz) => {
    const expected = floatsOf(`pulses-${sampleRateHz}.f32`);
    const track = floatsOf('f0.f32');
    const train = new PulseTrain(sampleRateHz);
    const samples = new Float32Array(expected.length + 2 * pulseReach(sampleRateHz));
    for (let n = 0; n < expected.length; n++) {
      const f0Hz = f0Of(track, n, sampleRateHz / 100);
      if (f0Hz > 0) train.advance(f0Hz, n, samples, 0);
      else train.rest();
    }
    expect(Math.max(...expected)).toBeGreaterThan(1);
    const worst = expected.reduce((most, value, n) => Math.max(most, Math.abs(samples[n]! - value)), 0);
    expect(worst).toBeLessThan(tolerance);
  });
});
