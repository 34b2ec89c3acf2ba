import { resolve } from 'node:path';
import { AppError } from '../../../contract/app-error.js';
import type { Inspection } from '../../../contract/inspection.js';
import { openInput } from '../reading/open-input.js';
import { probe } from '../reading/probe.js';
import { containerLeaks } from './container-leaks.js';

/**
 * Says what a recording is and what its container gives away, in words. Reads headers and tags only.
 * A file that is no recording is an answer too: `error` says why, and `leaks` still lists what could be read. With facts,
 * `error` says that `leaks` is not complete.
 * @param path  absolute or relative; stands in the answer as it was given
 * @throws AppError CANCELLED, TOOL_MISSING
 */
export async function inspect(path: string, signal?: AbortSignal): Promise<Inspection> {
  const inspection: Inspection = { input: path, facts: null, leaks: [], warnings: [] };
  try {
    const bytes = await openInput(resolve(path));
    try {
      const found = await containerLeaks(resolve(path), bytes, signal);
      inspection.leaks = found.leaks;
      if (found.error !== null) inspection.error = found.error.toData();
    } finally {
      await bytes.close();
    }
    const { facts, findings } = await probe(path, signal);
    inspection.facts = facts;
    inspection.warnings = [...findings];
  } catch (error) {
    const known = AppError.from(error);
    if (known.code === 'CANCELLED' || known.code === 'TOOL_MISSING') throw known;
    inspection.error = known.toData();
  }
  return inspection;
}
