import { writeFile } from 'node:fs/promises';
import { packSamples, wavFile } from '../io/reading/recordings.fake.js';
import { fakeSpeech } from '../processors/voice/speech.fake.js';

/** Writes a WAV file of 16 bit, mono, 16 kHz, in which somebody talks. @see fakeSpeech */
export async function writeSpeech(
  path: string,
  seconds: number,
  f0Hz: (at: number) => number,
  talks?: (at: number) => boolean,
): Promise<void> {
  const sampleRateHz = 16_000;
  const values = fakeSpeech(seconds, sampleRateHz, f0Hz, talks).map((value) => Math.round(32_000 * value));
  const data = packSamples(values, 's16');
  await writeFile(path, wavFile({ sample: 's16', channels: 1, sampleRateHz, data }));
}
