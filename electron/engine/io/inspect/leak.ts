import type { Leak } from '../../../contract/inspection.js';
import type { FileBytes } from '../reading/file-bytes.js';

/** How a piece of information identifies, see the contract. */
export type LeakKind = Leak['kind'];

/** Looks through one kind of container. Never throws on odd content; reads bounded parts of the file only. */
export type LeakFinder = (bytes: FileBytes) => Promise<Leak[]>;

/** What a field means, in words. */
export interface Meaning {
  readonly meaning: string;
  readonly kind: LeakKind;
}

/** Characters of a value that are shown. */
const shownCharacters = 200;

/** Bytes of one field that are read; more is described by its size. */
export const maxFieldBytes = 64 * 1024;

/**
 * @param where  place in the container, e.g. `bext.originator`
 * @param value  any text; control characters become spaces, long ones are shortened
 */
export function leak(where: string, { meaning, kind }: Meaning, value: string): Leak {
  const clean = cleanText(value);
  const shown =
    clean.length > shownCharacters ? `${wholeCharacters(clean.slice(0, shownCharacters - 1))}…` : clean;
  return { where: cleanText(where), meaning, kind, value: shown };
}

/** @returns a list with one leak, or an empty one when the value says nothing */
export function leakOf(where: string, meaning: Meaning, value: string): Leak[] {
  return cleanText(value) === '' ? [] : [leak(where, meaning, value)];
}

/** @returns "1.4 kB", "3 bytes" and so on */
export function sizeInWords(byteCount: number): string {
  if (byteCount < 1000) return byteCount === 1 ? '1 byte' : `${byteCount} bytes`;
  if (byteCount < 1e6) return `${(byteCount / 1e3).toFixed(1)} kB`;
  return `${(byteCount / 1e6).toFixed(1)} MB`;
}

/** @returns text up to the first NUL of a fixed field; UTF-8 where it is valid, else Latin-1 */
export function textOf(field: Buffer): string {
  const end = field.indexOf(0);
  return decodeText(end < 0 ? field : field.subarray(0, end));
}

/** @returns UTF-8 where it is valid, else Latin-1 */
export function decodeText(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? bytes.toString('latin1') : text;
}

/** Drops half a character at the end that a cut left there. */
function wholeCharacters(text: string): string {
  return text.replace(/[\ud800-\udbff]$/, '');
}

function cleanText(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
}
