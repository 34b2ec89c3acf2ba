import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobSettings } from '../../contract/job.js';
import type { QueuedFile } from '../../contract/window-contract.js';
import { OutputPlans } from './output-plans.js';

const settings: JobSettings = { chain: {}, export: { format: 'wav24', names: 'neutral' } };

let folder = '';
let plans: OutputPlans;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-plans-'));
  // Names as the engine does: the first numbers that are neither on the disk nor reserved.
  plans = new OutputPlans((inputs, into, { export: { format } }, reserved) => {
    const taken = new Set(reserved);
    const outputs = inputs.map((input) => {
      if (input === '/bad.wav')
        return { output: null, error: { code: 'INPUT_EMPTY' as const, message: 'empty' } };
      for (let number = 1; ; number += 1) {
        const output = join(into, `sanitised-00${String(number)}.${format}`);
        if (taken.has(output) || existsSync(output)) continue;
        taken.add(output);
        return { output };
      }
    });
    return Promise.resolve(outputs);
  });
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function file(name: string): QueuedFile {
  return { fileId: name, name, path: `/${name}.wav`, sizeBytes: 1 };
}

function output(number: number): string {
  return join(folder, `sanitised-00${String(number)}.wav24`);
}

const [a, b, c] = [file('a'), file('b'), file('c')];

describe('OutputPlans', () => {
  it('writes to the names that were shown, in whatever order the jobs start', async () => {
    const shown = await plans.plan([a, b], folder, settings);
    expect(shown).toEqual([
      { fileId: 'a', output: output(1) },
      { fileId: 'b', output: output(2) },
    ]);
    expect(await plans.reserve(b, folder, settings)).toBe(output(2));
    expect(await plans.reserve(a, folder, settings)).toBe(output(1));
  });

  it('never gives the name of a running job to another', async () => {
    await plans.plan([a], folder, settings);
    await plans.reserve(a, folder, settings);
    expect(await plans.plan([a, b], folder, settings)).toEqual([
      { fileId: 'a', output: output(1) },
      { fileId: 'b', output: output(2) },
    ]);
  });

  it('keeps jobs apart that start together without a plan', async () => {
    const outputs = await Promise.all([a, b, c].map((each) => plans.reserve(each, folder, settings)));
    expect(new Set(outputs)).toEqual(new Set([output(1), output(2), output(3)]));
  });

  it('does not give a name that is shown for a recording that waits to one that is planned later', async () => {
    await plans.plan([a, b], folder, settings);
    expect(await plans.plan([c], folder, settings)).toEqual([{ fileId: 'c', output: output(3) }]);
    expect(await plans.reserve(c, folder, settings)).toBe(output(3));
    expect(await plans.reserve(b, folder, settings)).toBe(output(2));
    expect(await plans.reserve(a, folder, settings)).toBe(output(1));
  });

  it('forgets what was shown for a recording that is taken off the queue', async () => {
    await plans.plan([a], folder, settings);
    await plans.release('a');
    expect(await plans.plan([b], folder, settings)).toEqual([{ fileId: 'b', output: output(1) }]);
  });

  it('promises nothing to a recording that is taken off the queue while names are being made', async () => {
    const planned = plans.plan([a], folder, settings);
    await plans.release('a');
    await planned;
    expect(await plans.plan([b], folder, settings)).toEqual([{ fileId: 'b', output: output(1) }]);
  });

  it('keeps jobs apart that were planned one by one', async () => {
    await plans.plan([a], folder, settings);
    await plans.plan([b], folder, settings);
    expect(await plans.reserve(a, folder, settings)).toBe(output(1));
    expect(await plans.reserve(b, folder, settings)).toBe(output(2));
  });

  it('takes another name when somebody else has written the shown one meanwhile', async () => {
    await plans.plan([a], folder, settings);
    await writeFile(output(1), 'mine');
    expect(await plans.reserve(a, folder, settings)).toBe(output(2));
  });

  it('does not use a plan made for another format or folder', async () => {
    await plans.plan([a], folder, settings);
    const flac: JobSettings = { chain: {}, export: { format: 'flac', names: 'neutral' } };
    expect(await plans.reserve(a, folder, flac)).toBe(join(folder, 'sanitised-001.flac'));
  });

  it('gives the name free again after a job that wrote nothing', async () => {
    await plans.reserve(a, folder, settings);
    await plans.release('a');
    expect(await plans.reserve(b, folder, settings)).toBe(output(1));
  });

  it('passes on why a recording cannot be planned, and goes on', async () => {
    expect(await plans.plan([file('bad'), b], folder, settings)).toMatchObject([
      { fileId: 'bad', output: null, error: { code: 'INPUT_EMPTY' } },
      { fileId: 'b', output: output(1) },
    ]);
    await expect(plans.reserve(file('bad'), folder, settings)).rejects.toMatchObject({ code: 'INPUT_EMPTY' });
    await expect(plans.reserve(b, folder, settings)).resolves.toBe(output(1));
  });
});
