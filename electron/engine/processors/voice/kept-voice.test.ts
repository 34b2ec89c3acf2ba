import { expect, it } from 'vitest';
import { FakeVoiceHost } from '../../voice/voice-host.fake.js';
import { findVoiceModels } from '../../voice/voice-models.js';
import { KeptVoice } from './kept-voice.js';

it('decides of each code 4 s later, by all that was heard until then and nothing after it', async () => {
  let number = 0;
  const models = new FakeVoiceHost({ reference: () => Float32Array.of(++number, 0) });
  const found = findVoiceModels(models, 'edge');
  const kept = await KeptVoice.open({ models, found, signal: new AbortController().signal });
  const hear = async (frames: number): Promise<void> => {
    for (let t = 0; t < frames; t++) {
      kept.takeRow(new Float64Array(80));
      kept.takeFrame({ spoken: true, power: 1, f0Hz: 100 });
    }
    await kept.read();
  };
  await hear(401);
  expect(kept.codes).toBe(0);
  await hear(1);
  expect(kept.codes).toBe(1);
  await hear(398);
  expect(kept.codes).toBe(200);
  await kept.read(true);
  expect(kept.codes).toBe(Infinity);
  // Three that stand in for the first 2 s, then a window at frames 199, 399, 599 and 799; the mean of 1 to 4 and on is the running one.
  const fade = Math.exp(-1 / 15);
  const means = [4];
  for (let n = 1, sum = 4, mass = 1; n < 4; n++) {
    sum = sum * fade + 4 + n;
    mass = mass * fade + 1;
    means.push(sum / mass);
  }
  const told = [0, 99, 100, 199, 200].map((code) => kept.at(code)![0]!);
  [means[1]!, means[1]!, means[2]!, means[2]!, means[3]!].forEach((mean, i) =>
    expect(told[i]).toBeCloseTo(mean, 5),
  );
  kept.close();
  expect(models.openSessions).toBe(0);
});
