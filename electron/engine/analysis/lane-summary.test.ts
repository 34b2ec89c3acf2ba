import { describe, expect, it } from 'vitest';
import { lanesDocumentSchema, lanesFactsSchema } from '../../contract/lanes.js';
import { lanesFacts, summarise } from './lane-summary.js';
import { lanesEntry } from './lanes-document.js';
import type { Lanes } from './lanes.js';

const noiseLabels = ['traffic', 'rain', 'wind'];

/** Two frames a second; rows of speech, F0, SNR and noise. */
function lanesOf(rows: readonly number[][], seconds = (rows.length - 1) / 2): Lanes {
  return {
    frameSeconds: 0.5,
    frames: rows.length,
    seconds,
    values: Float32Array.from(rows.flat()),
    noiseLabels,
    untold: ['f0Hz'],
  };
}

const nothing = [NaN, NaN, NaN, NaN];

describe('a summary of lanes', () => {
  it('adds up to the length of the recording', () => {
    const lanes = lanesOf([
      [0.9, 100, 10, 0],
      [0.8, 140, 20, 0],
      [0.1, NaN, -5, 1],
      nothing,
      [0.9, NaN, 3, NaN],
    ]);
    expect(summarise(lanes)).toEqual({
      seconds: 2,
      // Half a frame, a frame, and half a frame at the end.
      speechSeconds: 1,
      unknownSeconds: 0.5,
      noise: [
        { label: 'traffic', share: 0.6 },
        { label: 'rain', share: 0.4 },
      ],
      snrDb: 10,
      f0Hz: 120,
    });
  });

  it('leaves out what no frame tells, and kinds of noise that hardly occur', () => {
    expect(summarise(lanesOf([nothing, nothing, nothing]))).toEqual({
      ...{ seconds: 1, speechSeconds: 0, unknownSeconds: 1 },
      ...{ noise: [], snrDb: null, f0Hz: null },
    });
    const rows = Array.from({ length: 41 }, (_, t) => [0, NaN, 0, t === 20 ? 2 : 1]);
    expect(summarise(lanesOf(rows)).noise).toEqual([{ label: 'rain', share: 0.975 }]);
  });

  it('gives the last frame no more than there is of the recording', () => {
    const lanes = lanesOf(
      [
        [1, NaN, 0, 0],
        [1, NaN, 0, 0],
        [1, NaN, 0, 0],
      ],
      0.6,
    );
    expect(summarise(lanes).speechSeconds).toBe(0.6);
  });

  it('goes into the facts and the document of the contract, rounded, null for unknown', () => {
    const lanes = lanesOf([[0.12345, 123.456, 7.89, 1], nothing]);
    expect(lanesFactsSchema.parse(lanesFacts(lanes))).toMatchObject({ frames: 2, untold: ['f0Hz'] });
    const entry = lanesEntry('a.wav', lanes);
    lanesDocumentSchema.parse({ schema: 'sotto.lanes/1', files: [entry] });
    expect(entry.lanes).toEqual({
      speech: [0.123, null],
      f0Hz: [123.5, null],
      snrDb: [7.9, null],
      noise: { labels: noiseLabels, index: [1, null] },
    });
    expect(entry).toMatchObject({ frameSeconds: 0.5, events: [] });
  });
});
