import { afterEach, describe, expect, it, vi } from 'vitest';
import type { LanesFacts } from '../../../electron/contract/lanes.js';
import { LaneValues, loadLanes, makeLaneColumns } from './lane-values.js';

/** Sums of float32 values are compared with sums in double precision. */
const floatTolerance = 1e-4;
const noiseLabels = ['rain', 'traffic', 'speech-free silence'];

function factsOf(frames: number, frameSeconds = 0.016): LanesFacts {
  return {
    frameSeconds,
    frames,
    noiseLabels,
    summary: {
      seconds: frames * frameSeconds,
      speechSeconds: 0,
      unknownSeconds: 0,
      noise: [],
      snrDb: null,
      f0Hz: null,
    },
    untold: [],
  };
}

function lanesOf(rows: readonly (readonly [number, number, number, number])[], frameSeconds = 0.016) {
  return new LaneValues(new Float32Array(rows.flat()), factsOf(rows.length, frameSeconds));
}

function filled(lanes: LaneValues, count: number, secondsPerColumn: number, startSeconds = 0) {
  const columns = makeLaneColumns(count);
  lanes.fill(startSeconds, secondsPerColumn, lanes.frames * lanes.frameSeconds, columns);
  return columns;
}

/** @returns numbers 0..1, the same for the same seed */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('LaneValues', () => {
  it('tells a moment by the frame around it, and nothing about what is unknown or outside', () => {
    const lanes = lanesOf(
      [
        [0.25, NaN, -3, 2],
        [1, 200, 12, 0],
        [NaN, NaN, NaN, NaN],
      ],
      0.1,
    );
    expect(lanes.at(0.04)).toEqual({ speech: 0.25, f0Hz: null, snrDb: -3, noise: 'speech-free silence' });
    expect(lanes.at(0.06)).toEqual({ speech: 1, f0Hz: 200, snrDb: 12, noise: 'rain' });
    const unknown = { speech: null, f0Hz: null, snrDb: null, noise: null };
    expect(lanes.at(0.2)).toEqual(unknown);
    expect(lanes.at(-1)).toEqual(unknown);
    expect(lanesOf([]).at(0)).toEqual(unknown);
  });

  it('gives means per column, the most frequent noise, and the range of the pitch', () => {
    const columns = filled(
      lanesOf(
        [
          [0, NaN, 0, 0],
          [0, 100, 0, 1],
          [1, 400, 12, 1],
          [1, NaN, 12, 0],
          [0.5, NaN, 6, 0],
        ],
        1,
      ),
      1,
      5,
    );
    expect(columns.speech[0]).toBeCloseTo(0.5);
    expect(columns.speechHighest[0]).toBe(1);
    expect(columns.f0Hz[0]).toBeCloseTo(200, 3);
    expect([columns.f0LowestHz[0], columns.f0HighestHz[0]]).toEqual([100, 400]);
    expect(columns.snrDb[0]).toBeCloseTo(6);
    expect(columns.noise[0]).toBe(0);
  });

  it('calls a column unknown when more than half of it is, instead of counting the unknown as 0', () => {
    const unknown = [NaN, NaN, NaN, NaN] as const;
    const known = [0.8, NaN, 5, 1] as const;
    const columns = filled(lanesOf([unknown, unknown, known, known, unknown, known], 1), 2, 3);
    expect(columns.speech[0]).toBeNaN();
    expect(columns.snrDb[0]).toBeNaN();
    expect(columns.noise[0]).toBe(-1);
    expect(columns.speech[1]).toBeCloseTo(0.8);
    expect(columns.noise[1]).toBe(1);
  });

  it('gives the same at every scale as a plain loop over the frames does', () => {
    const next = random(11);
    const rows = Array.from({ length: 2011 }, () => {
      const speech = next() < 0.3 ? NaN : next();
      const f0Hz = next() < 0.5 ? NaN : 80 + 200 * next();
      const snrDb = Number.isNaN(speech) ? NaN : 40 * next() - 5;
      return [speech, f0Hz, snrDb, next() < 0.2 ? NaN : Math.floor(next() * 3)] as const;
    });
    const lanes = lanesOf(rows, 1);
    for (const width of [1, 7, 32, 100, 333]) {
      const columns = filled(lanes, Math.ceil(rows.length / width), width);
      for (let column = 0; column < columns.inside; column++) {
        const part = rows.slice(column * width, (column + 1) * width);
        const speech = part.map(([value]) => value).filter((value) => !Number.isNaN(value));
        const mean = speech.reduce((sum, value) => sum + value, 0) / speech.length;
        const expected = speech.length * 2 >= part.length ? mean : NaN;
        const found = columns.speech[column] ?? NaN;
        expect(Number.isNaN(found), `column ${column} of ${width}, seed 11`).toBe(Number.isNaN(expected));
        if (!Number.isNaN(expected)) expect(Math.abs(found - expected)).toBeLessThan(floatTolerance);
        const counts = [0, 1, 2].map((label) => part.filter(([, , , noise]) => noise === label).length);
        const known = counts.reduce((sum, count) => sum + count, 0);
        const most = counts.indexOf(Math.max(...counts));
        expect(columns.noise[column]).toBe(known * 2 >= part.length ? most : -1);
      }
    }
  });

  it('repeats a frame over the columns of a close zoom and ends where the recording ends', () => {
    const lanes = lanesOf(
      [
        [0.1, NaN, 0, 0],
        [0.9, NaN, 0, 0],
      ],
      1,
    );
    const columns = filled(lanes, 10, 0.25);
    expect(columns.inside).toBe(8);
    // The first frame describes the sound around 0 s, so it ends at half a second.
    expect([...columns.speech.slice(0, 8)].map((value) => value.toFixed(1))).toEqual([
      '0.1',
      '0.1',
      '0.9',
      '0.9',
      '0.9',
      '0.9',
      '0.9',
      '0.9',
    ]);
  });

  it('lists the kinds of noise that matter, most frequent first', () => {
    const rows = Array.from({ length: 1000 }, (_, at) => [0, NaN, 0, at < 5 ? 0 : at < 300 ? 1 : 2] as const);
    expect(lanesOf(rows).noisePresent).toEqual([2, 1]);
  });

  it('refuses a file of another length than the engine told', () => {
    expect(() => new LaneValues(new Float32Array(7), factsOf(2))).toThrow(/Expected 2 frames of 4 values/);
  });
});

describe('loadLanes', () => {
  const load = () => loadLanes('fake://f/raw.lanes', factsOf(1), new AbortController().signal);

  it('reads little-endian float32', async () => {
    vi.stubGlobal('fetch', async () => new Response(new Float32Array([0.5, NaN, NaN, 1])));
    expect((await load()).at(0)).toEqual({ speech: 0.5, f0Hz: null, snrDb: null, noise: 'traffic' });
  });

  it('says what is wrong with a file that is missing or cut off', async () => {
    vi.stubGlobal('fetch', async () => new Response(null, { status: 404 }));
    await expect(load()).rejects.toThrow('found status 404');
    vi.stubGlobal('fetch', async () => new Response(new Uint8Array(15)));
    await expect(load()).rejects.toThrow('found 15 bytes');
  });
});
