import { expect, it } from 'vitest';
import type { PlanarSamples } from '../../dsp/planar.js';
import { SampleSurvey } from './sample-survey.js';

function codesFor(samples: Float32Array | Float64Array, integerBits: number | null = null): string[] {
  const survey = new SampleSurvey({ integerBits, replaceNonFinite: false });
  survey.look([samples] as PlanarSamples);
  return survey.findings().map(({ code }) => code);
}

it('finds one odd sample wherever it stands, in both precisions', () => {
  for (let length = 1; length <= 9; length++) {
    for (let at = 0; at < length; at++) {
      for (const samples of [new Float32Array(length), new Float64Array(length)]) {
        expect(codesFor(samples)).toEqual(['SILENT']);
        samples[at] = -1e-40;
        expect(codesFor(samples)).toEqual([]);
        samples[at] = Number.NaN;
        expect(codesFor(samples)).toEqual(['NON_FINITE', 'SILENT']);
        samples[at] = Number.NEGATIVE_INFINITY;
        expect(codesFor(samples)).toContain('NON_FINITE');
      }
    }
  }
});

it('takes the largest integer of the source for full scale', () => {
  const samples = new Float32Array(10).fill(32767 / 32768, 3, 6);
  expect(codesFor(samples, 16)).toEqual(['CLIPPED']);
  expect(codesFor(samples, 24)).toEqual([]);
  expect(codesFor(samples)).toEqual([]);
});

it('keeps channels apart and joins blocks', () => {
  const survey = new SampleSurvey({ integerBits: null, replaceNonFinite: false });
  survey.look([Float32Array.of(0, 1), Float32Array.of(1, 0)]);
  survey.look([Float32Array.of(1, 0.5), Float32Array.of(1, 1)]);
  expect(survey.findings()).toEqual([]);
  survey.look([Float32Array.of(0, 0), Float32Array.of(1, 0)]);
  expect(survey.findings()).toEqual([
    { code: 'CLIPPED', message: expect.stringContaining('3 clipped samples in 1 place.') as string },
  ]);
});

it('does not take a change of sides for one run', () => {
  expect(codesFor(Float32Array.of(1, 1, -1, -1, 1, 1, 0))).toEqual([]);
});
