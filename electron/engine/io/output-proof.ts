import type { Proof } from '../../contract/report.js';
import { proveFlac } from './flac/flac-proof.js';
import { proveMp3 } from './mp3/mp3-proof.js';
import { proveOpus } from './opus/opus-proof.js';
import type { ConcreteFormat } from './output-format.js';
import { ProofReader, type ProvenFacts } from './output-proof-reader.js';
import { proveWav } from './wav/wav-proof.js';

/** A file of which every byte is accounted for. */
export interface ProvenFile {
  readonly proof: Proof;
  /** of the whole file, lower-case hexadecimal */
  readonly sha256: string;
  readonly facts: ProvenFacts;
}

/**
 * Re-opens a finished file and accounts for every byte against the allow-list of its format, hashing it in the same pass.
 * What each format's proof covers stands at its `prove` function.
 * @param path    of the file, under whatever name
 * @param format  it was written in
 * @throws AppError OUTPUT_NOT_CLEAN with the offset and what was found there, CANCELLED
 */
export function proveFile(path: string, format: ConcreteFormat, signal?: AbortSignal): Promise<ProvenFile> {
  return ProofReader.read(path, (reader) => parse(reader, format), signal);
}

function parse(reader: ProofReader, format: ConcreteFormat): Promise<ProvenFacts> {
  switch (format) {
    case 'flac16':
    case 'flac24':
      return proveFlac(reader, format);
    case 'mp3':
      return proveMp3(reader);
    case 'opus':
      return proveOpus(reader);
    default:
      return proveWav(reader, format);
  }
}
