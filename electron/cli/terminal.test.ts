import { describe, expect, it } from 'vitest';
import { clockTime, printable } from './terminal.js';

describe('what a terminal shows', () => {
  it('cannot be rewritten by a file name', () => {
    expect(printable('a\nb\u001b[2Jc\u202ed.wav')).toBe('a\\nb\\u001b[2Jc\\u202ed.wav');
    expect(printable('Gespräch 🎙.wav')).toBe('Gespräch 🎙.wav');
  });

  it('writes times as people read them', () => {
    expect([0, 75.4, 3675].map(clockTime)).toEqual(['0:00', '1:15', '1:01:15']);
  });
});
