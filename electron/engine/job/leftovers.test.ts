import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AtomicFile } from '../io/atomic-file.js';
import { eraseLeftovers } from './leftovers.js';
import { namesIn, testFolder } from './run-job.fake.js';

const folder = testFolder();
/** Long after anything in these tests was written. */
const laterMs = Date.now() + 3_600_000;

/** @returns the id of a process that has ended */
function endedPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

describe('eraseLeftovers', () => {
  it('erases what a dead process had begun, and nothing else', async () => {
    const left = `.sotto-${endedPid()}-0123456789abcdef.part`;
    for (const name of [left, 'mine.part', '.sotto-notes.part']) await writeFile(join(folder(), name), 'x');
    const running = await AtomicFile.create(join(folder(), 'out.wav'), { overwrite: false });
    expect(await eraseLeftovers(folder(), laterMs)).toEqual([left]);
    expect(await namesIn(folder())).toHaveLength(3);
    await running.discard();
    expect(await namesIn(folder())).toEqual(['.sotto-notes.part', 'mine.part']);
  });

  it('leaves alone what was touched minutes ago: its process may live on another machine', async () => {
    const name = `.sotto-${endedPid()}-0123456789abcdef.part`;
    await writeFile(join(folder(), name), 'x');
    expect(await eraseLeftovers(folder(), Date.now() + 9 * 60_000)).toEqual([]);
    expect(await namesIn(folder())).toEqual([name]);
    expect(await eraseLeftovers(folder(), Date.now() + 11 * 60_000)).toEqual([name]);
  });
});
