import { open, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { FileReport, Report } from '../../contract/report.js';
import { neutralTimeSeconds } from '../io/atomic-file.js';
import { outputError, systemCode } from '../io/output-error.js';
import { shareableReport } from './shareable-report.js';

/** @returns the internal edition: everything known about every input, in the order given */
export function internalReport(files: readonly FileReport[]): Report {
  return { schema: 'sotto.report/1', files: [...files] };
}

/**
 * Writes `value` as readable JSON, whole or not at all.
 * @param mode  permissions of a new file; the system's default when missing
 * @throws AppError OUTPUT_FOLDER_MISSING, OUTPUT_NOT_WRITABLE, OUTPUT_DISK_FULL
 */
export async function writeJson(path: string, value: unknown, mode?: number): Promise<void> {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  try {
    await writeFileAtomic(path, text, mode === undefined ? {} : { mode });
  } catch (error) {
    throw await outputError(error, path, Buffer.byteLength(text));
  }
}

/**
 * Writes the shareable report beside the outputs.
 * @param overwrite  replaces `sotto-report.json`; else the next free of `sotto-report.json`, `sotto-report-2.json` ... is taken
 * @returns the path written
 * @throws AppError OUTPUT_FOLDER_MISSING, OUTPUT_NOT_WRITABLE, OUTPUT_DISK_FULL
 */
export async function writeShareableReport(
  folder: string,
  files: readonly FileReport[],
  overwrite: boolean,
): Promise<string> {
  const path = overwrite ? join(folder, 'sotto-report.json') : await reserveName(folder);
  try {
    await writeJson(path, shareableReport(files));
    // When a report was made is nobody's business; the results carry no time of their own either.
    await utimes(path, neutralTimeSeconds, neutralTimeSeconds);
  } catch (error) {
    if (!overwrite) await rm(path, { force: true });
    throw error;
  }
  return path;
}

/** Creates the next free name empty, so that two runs at once cannot both take it. */
async function reserveName(folder: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const path = join(folder, number === 1 ? 'sotto-report.json' : `sotto-report-${number}.json`);
    try {
      await (await open(path, 'wx')).close();
      return path;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw await outputError(error, path, 0);
    }
  }
}
