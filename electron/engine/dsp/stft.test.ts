import { describe, expect, it } from 'vitest';
import { whiteNoise } from './noise.fake.js';
import { openRealFft } from './open-real-fft.js';
import type { RealFft } from './real-fft.js';
import { StftAnalyser, stftFrameCount, StftSynthesiser } from './stft.js';

/** Two float32 transforms of a full-scale signal. */
const reconstructionTolerance = 1e-6;

/** Feeds `signal` in pieces of `piece` samples, pads as the frame count says, and returns the spectra. */
function analyse(fft: RealFft, signal: Float32Array, piece: number): Float32Array[] {
  const hop = fft.size / 2;
  const count = stftFrameCount(signal.length, hop);
  const padded = new Float32Array(count * hop);
  padded.set(signal);
  const analyser = new StftAnalyser(fft);
  const frames: Float32Array[] = [];
  for (let at = 0; at < padded.length;) {
    const take = Math.min(piece, analyser.missingSamples, padded.length - at);
    analyser.feed(padded.subarray(at, at + take));
    at += take;
    if (analyser.missingSamples > 0) continue;
    const spectrum = new Float32Array(fft.size + 2);
    analyser.takeFrame(spectrum);
    frames.push(spectrum);
  }
  return frames;
}

function synthesise(fft: RealFft, frames: Float32Array[]): Float32Array {
  const hop = fft.size / 2;
  const synthesiser = new StftSynthesiser(fft);
  const signal = new Float32Array(frames.length * hop);
  frames.forEach((frame, t) => synthesiser.putFrame(frame, signal.subarray(t * hop, (t + 1) * hop)));
  return signal.subarray(hop);
}

describe('the short-time Fourier transform', () => {
  it.each([512, 1536, 706])('with %i samples a frame gives every sample back', async (size) => {
    const fft = await openRealFft(size);
    for (const length of [1, size / 2 - 1, size / 2, size / 2 + 1, 10 * size + 17]) {
      const signal = whiteNoise(length, length);
      const frames = analyse(fft, signal, 100);
      expect(frames).toHaveLength(Math.ceil(length / (size / 2)) + 1);
      const back = synthesise(fft, frames);
      const error = signal.reduce((worst, value, n) => Math.max(worst, Math.abs(value - back[n]!)), 0);
      expect(error).toBeLessThan(reconstructionTolerance);
    }
    fft.close();
  });

  it('does not depend on how the samples arrive', async () => {
    const fft = await openRealFft(512);
    const signal = whiteNoise(5000, 9);
    expect(analyse(fft, signal, 1)).toEqual(analyse(fft, signal, 4096));
    fft.close();
  });

  it('centres frame t on sample t * hop, with zeros before the start', async () => {
    const fft = await openRealFft(512);
    const impulse = new Float32Array(1024);
    impulse[3 * 256] = 1;
    const energies = analyse(fft, impulse, 512).map((frame) =>
      frame.reduce((sum, value) => sum + value * value, 0),
    );
    // Only the frame centred on the impulse sees it: its neighbours' windows are zero there.
    expect(energies.map((energy) => Math.round(energy))).toEqual([0, 0, 0, 257, 0]);
    fft.close();
  });
});
