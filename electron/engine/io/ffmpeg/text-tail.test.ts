import { expect, it } from 'vitest';
import { TextTail } from './text-tail.js';

it('keeps a short text whole', () => {
  const tail = new TextTail(4, 4);
  tail.push(Buffer.from('abc'));
  tail.push(Buffer.from('defg'));
  expect(tail.text()).toBe('abcdefg');
});

it('keeps both ends of a long text and says what is missing', () => {
  const tail = new TextTail(4, 4);
  for (const part of ['ab', 'cdef', 'ghijkl', 'm']) tail.push(Buffer.from(part));
  expect(tail.text()).toBe('abcd\n[5 bytes left out]\njklm');
});
