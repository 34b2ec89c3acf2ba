import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseByteRange } from './byte-range.js';

describe('parseByteRange', () => {
  it('serves the whole file when nothing is asked', () => {
    expect(parseByteRange(null, 100)).toEqual({ kind: 'whole' });
  });

  it('takes both ends as inclusive', () => {
    expect(parseByteRange('bytes=0-0', 100)).toEqual({ kind: 'part', firstByte: 0, lastByte: 0 });
    expect(parseByteRange('bytes=10-19', 100)).toEqual({ kind: 'part', firstByte: 10, lastByte: 19 });
  });

  it('cuts an end behind the file at the last byte', () => {
    expect(parseByteRange('bytes=90-1000', 100)).toEqual({ kind: 'part', firstByte: 90, lastByte: 99 });
    expect(parseByteRange('bytes=90-', 100)).toEqual({ kind: 'part', firstByte: 90, lastByte: 99 });
  });

  it('counts a suffix from the end', () => {
    expect(parseByteRange('bytes=-10', 100)).toEqual({ kind: 'part', firstByte: 90, lastByte: 99 });
    expect(parseByteRange('bytes=-1000', 100)).toEqual({ kind: 'part', firstByte: 0, lastByte: 99 });
  });

  it('refuses a start behind the end, an empty suffix and any part of an empty file', () => {
    expect(parseByteRange('bytes=100-', 100)).toEqual({ kind: 'unsatisfiable' });
    expect(parseByteRange('bytes=-0', 100)).toEqual({ kind: 'unsatisfiable' });
    expect(parseByteRange('bytes=0-', 0)).toEqual({ kind: 'unsatisfiable' });
    expect(parseByteRange('bytes=-5', 0)).toEqual({ kind: 'unsatisfiable' });
  });

  it.each(['bytes=', 'bytes=-', 'bytes=5-2', 'bytes=1-2,4-5', 'items=1-2', 'bytes=a-b', '1-2'])(
    'ignores the malformed or multiple range %j',
    (header) => {
      expect(parseByteRange(header, 100)).toEqual({ kind: 'whole' });
    },
  );

  it('never names a byte outside the file', () => {
    const numbers = fc.nat({ max: 300 });
    fc.assert(
      fc.property(numbers, numbers, numbers, (first, last, sizeBytes) => {
        const range = parseByteRange(`bytes=${String(first)}-${String(last)}`, sizeBytes);
        if (range.kind !== 'part') return;
        expect(range.firstByte).toBe(first);
        expect(range.lastByte).toBeLessThan(sizeBytes);
        expect(range.lastByte).toBeGreaterThanOrEqual(range.firstByte);
      }),
    );
  });
});
