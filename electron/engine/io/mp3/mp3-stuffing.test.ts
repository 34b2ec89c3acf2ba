import { describe, expect, it } from 'vitest';
import { isLameStuffing } from './mp3-stuffing.js';

/** Text becomes its bytes, digits 0 and 1 in brackets become bits: `[101]LAME`. */
function bitsOf(pattern: string): string {
  return pattern.replace(
    /\[([01]*)\]|([^[])/gs,
    (_, bits: string | undefined, character: string | undefined) =>
      character === undefined ? (bits ?? '') : character.charCodeAt(0).toString(2).padStart(8, '0'),
  );
}

function check(pattern: string, offset = 0): boolean {
  const bits = '1'.repeat(offset) + bitsOf(pattern);
  const bytes = Uint8Array.from({ length: Math.ceil(bits.length / 8) }, (_, i) =>
    parseInt(bits.slice(i * 8, i * 8 + 8).padEnd(8, '1'), 2),
  );
  return isLameStuffing(bytes, offset, bits.length);
}

describe('isLameStuffing', () => {
  it.each([
    ['nothing', ''],
    ['a bit', '[1]'],
    ['a few alternating bits', '[0101010]'],
    ['a cut-off name', 'L[010]'],
    ['the name alone', 'LAME'],
    ['the name, a version, and a long run', 'LAME3.100UUUUUUUUUUUUUUUU'],
    ['the same with the run the other way round', `LAME3.100${'[10101010]'.repeat(40)}`],
    ['a later version', 'LAME3.101[0101]'],
    ['two fillings in a row', '[0101]LAME3.100UUUU'],
    ['a long filling and another', 'LAME3.100UUUU[01010]LAME3.100[1010]'],
    ['the name where the run before it seems to go on', 'LAME3.100UU[01]LAMEU'],
  ])('takes %s, at any bit of a byte', (_, pattern) => {
    for (let offset = 0; offset < 8; offset++) expect(check(pattern, offset)).toBe(true);
  });

  it.each([
    ['text', 'Anna'],
    ['text after the name', 'LAME3.100Anna'],
    ['text after a run', 'LAME3.100UUUUAnnaUUUU'],
    ['text before the name', 'AnnaLAME3.100UUUU'],
    ['zeros', '[00000000]'],
    ['ones', '[11111111]'],
    ['a long run without the name', 'UUU'],
    ['one changed bit in a run', 'LAME3.100UUUU[01000101]UUUU'],
    ['four fillings', 'LAMEU[0]LAMEU[0]LAMEU[0]LAME'],
    ['another encoder', 'Lavc59.37'],
  ])('refuses %s, at any bit of a byte', (_, pattern) => {
    for (let offset = 0; offset < 8; offset++) expect(check(pattern, offset)).toBe(false);
  });
});
