import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadPitch, makePitchColumns, PitchValues } from './pitch-values.js';

const none = NaN;
/** 30 ms from second 2 on: voiced, then raw alone, then silence. */
const values = () => new PitchValues(Float32Array.of(100, 200, 121, none, none, none), 2);

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('PitchValues', () => {
  it('says both values where both are voiced, and nothing that was not measured', () => {
    expect(values().at(2)).toEqual({ rawHz: 100, renderedHz: 200 });
    expect(values().at(2.011)).toEqual({ rawHz: 121, renderedHz: null });
    expect(values().at(2.02)).toEqual({ rawHz: null, renderedHz: null });
    expect(values().at(1.98)).toBeNull();
    expect(values().at(2.03)).toBeNull();
  });

  it('gives each pixel column the geometric mean of what is voiced in it', () => {
    const columns = makePitchColumns(4);
    values().fill(1.98, 0.02, columns);
    expect([...columns.f0Hz].map((hz) => Math.round(hz))).toEqual([none, 110, none, none]);
    expect([...columns.renderedHz].map((hz) => Math.round(hz))).toEqual([none, 200, none, none]);
  });

  it('shows one frame in several columns when they are narrower than it', () => {
    const columns = makePitchColumns(8);
    values().fill(2, 0.005, columns);
    expect(columns.f0Hz[0]).toBe(100);
    expect(columns.f0Hz[7]).toBeNaN();
    expect(columns.renderedHz.some((hz) => hz > 0 && hz !== 200)).toBe(false);
  });

  it('refuses a file of another length than the engine said', async () => {
    vi.stubGlobal('fetch', async () => new Response(new Float32Array(6).buffer));
    const { signal } = new AbortController();
    expect((await loadPitch('f0', 3, 2, signal)).frames).toBe(3);
    await expect(loadPitch('f0', 4, 2, signal)).rejects.toThrow(/Preview or process/);
  });
});
