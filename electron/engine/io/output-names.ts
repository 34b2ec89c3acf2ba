import { readdir } from 'node:fs/promises';
import { basename, dirname, join, parse, resolve } from 'node:path';
import { AppError } from '../../contract/app-error.js';
import type { Finding } from '../../contract/audio-format.js';
import type { NamePolicy } from '../../contract/preset.js';
import { outputError } from './output-error.js';
import { realPath } from './real-path.js';

/** Longest file name Sotto makes, in bytes of UTF-8: room for what sync services and backups append (the limit is 255). */
export const maxNameBytes = 200;

/** One recording whose result needs a name. */
export interface NameInput {
  readonly path: string;
  /** of the result, without the dot; see `extensionOf` */
  readonly extension: string;
}

/** The name chosen for one result. */
export interface ChosenName {
  /** null when there is none: `error` then says why */
  readonly name: string | null;
  readonly error: AppError | null;
  readonly findings: readonly Finding[];
}

/** @see chooseNames */
export interface NameSituation {
  readonly inputs: readonly NameInput[];
  readonly names: NamePolicy;
  readonly overwrite: boolean;
  /** names in the output folder now */
  readonly existing: Iterable<string>;
  /** names in the output folder that may not be taken even when overwriting: inputs, and what other jobs were promised */
  readonly forbidden: Iterable<string>;
}

/**
 * Chooses one name per input. Names never meet: not each other, not a forbidden one, and (without `overwrite`) not an
 * existing one, also where the file system ignores case.
 * - `neutral`: sanitised-001.wav ..., after the highest number that is there; from 001 when overwriting
 * - `source`: NAME-sanitised.wav; when another result has it, NAME-sanitised-2.wav with the finding NAME_TAKEN; when a
 *   file on the disk has it, the error OUTPUT_EXISTS
 * @returns names in the order of the inputs
 */
export function chooseNames(situation: NameSituation): ChosenName[] {
  const existing = keysOf(situation.existing);
  const taken = keysOf(situation.forbidden);
  if (situation.names === 'neutral') return chooseNeutral(situation, existing, taken);
  return situation.inputs.map((input) => chooseFromSource(input, situation.overwrite, existing, taken));
}

function chooseNeutral(
  { inputs, overwrite }: NameSituation,
  existing: ReadonlySet<string>,
  taken: Set<string>,
): ChosenName[] {
  // A number is used once, whatever the extension: sanitised-001.wav and sanitised-001.mp3 would look like one recording.
  const used = new Set<number>();
  for (const key of overwrite ? taken : [...existing, ...taken]) {
    const number = neutralNumber(key);
    if (number !== null) used.add(number);
  }
  let number = overwrite ? 0 : Math.max(0, ...used);
  return inputs.map(({ extension }) => {
    do number++;
    while (used.has(number));
    return { name: `sanitised-${String(number).padStart(3, '0')}.${extension}`, error: null, findings: [] };
  });
}

function neutralNumber(key: string): number | null {
  const digits = /^sanitised-(\d{3,9})\.[^.]+$/.exec(key)?.[1];
  return digits === undefined ? null : Number(digits);
}

function chooseFromSource(
  { path, extension }: NameInput,
  overwrite: boolean,
  existing: ReadonlySet<string>,
  taken: Set<string>,
): ChosenName {
  const stem = cleanStem(path);
  const first = sourceName(stem, '', extension);
  const isFree = (name: string): boolean =>
    !taken.has(keyOf(name)) && (overwrite || !existing.has(keyOf(name)));
  if (!overwrite && existing.has(keyOf(first)) && !taken.has(keyOf(first))) {
    const message = `Expected no file "${first}" in the output folder, found one. Allow overwriting, or use neutral names.`;
    return { name: null, error: new AppError('OUTPUT_EXISTS', message, { name: first }), findings: [] };
  }
  let name = first;
  for (let number = 2; !isFree(name); number++) name = sourceName(stem, `-${number}`, extension);
  taken.add(keyOf(name));
  if (name === first) return { name, error: null, findings: [] };
  const message = `The name "${first}" belongs to another recording of this run; the result is "${name}".`;
  return { name, error: null, findings: [{ code: 'NAME_TAKEN', message }] };
}

function sourceName(stem: string, number: string, extension: string): string {
  const end = `-sanitised${number}.${extension}`;
  return shorten(stem, maxNameBytes - Buffer.byteLength(end)) + end;
}

/** Device names of Windows, which it takes for a file of any extension. */
const reservedStems = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/**
 * @returns the name of `path` without extension, fit for every file system and terminal: no control or invisible direction
 *   characters, none of `<>:"/\|?*`, no leading dot, dash or space, well-formed Unicode; "recording" when nothing is left
 */
export function cleanStem(path: string): string {
  const stem = parse(path)
    .name // Cc controls and newlines, Zl and Zp line ends; then direction marks (not the joiners that hold emoji together) and,
    // as Cs, halves of a character.
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd\p{Cs}]/gu, '')
    .replace(/[<>:"/\\|?*]/g, '-')
    .replace(/^[\s.-]+|[\s.]+$/gu, '');
  if (stem === '') return 'recording';
  return reservedStems.test(stem) ? `_${stem}` : stem;
}

/** @returns the beginning of `text` that fits `maxBytes` of UTF-8, whole characters as a reader sees them */
function shorten(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  let kept = '';
  let bytes = 0;
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)) {
    bytes += Buffer.byteLength(segment);
    if (bytes > maxBytes) break;
    kept += segment;
  }
  return kept.replace(/[\s.]+$/u, '') || 'recording';
}

/** What a file system that ignores case and Unicode composition tells apart. */
function keyOf(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

function keysOf(names: Iterable<string>): Set<string> {
  return new Set(Array.from(names, keyOf));
}

/** @see nameOutputs */
export interface NameRequest {
  readonly inputs: readonly NameInput[];
  /** existing folder for the results */
  readonly folder: string;
  readonly names: NamePolicy;
  readonly overwrite: boolean;
  /** paths promised to jobs that have not written them yet; also those in other folders, which do not matter */
  readonly reserved?: readonly string[];
}

/** Where one result goes. */
export interface NamedOutput {
  readonly input: string;
  /** absolute path; null when there is none: `error` then says why */
  readonly output: string | null;
  readonly error: AppError | null;
  readonly findings: readonly Finding[];
}

/**
 * {@link chooseNames} over what is in `folder` now; nothing is written.
 * @returns one entry per input, in order
 * @throws AppError OUTPUT_FOLDER_MISSING, OUTPUT_NOT_WRITABLE when the folder cannot be listed
 */
export async function nameOutputs(request: NameRequest): Promise<NamedOutput[]> {
  const folder = resolve(request.folder);
  let existing: string[];
  try {
    existing = await readdir(folder);
  } catch (error) {
    throw await outputError(error, join(folder, '.'), 0);
  }
  const realFolder = await realPath(folder);
  const occupied = await Promise.all(
    [...request.inputs.map(({ path }) => path), ...(request.reserved ?? [])].map(realPath),
  );
  const forbidden = occupied.filter((path) => dirname(path) === realFolder).map((path) => basename(path));
  const chosen = chooseNames({ ...request, existing, forbidden });
  return request.inputs.map(({ path }, index) => {
    const { name, error, findings } = chosen[index]!;
    return { input: path, output: name === null ? null : join(folder, name), error, findings };
  });
}
