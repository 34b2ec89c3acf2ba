import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { outputError } from './output-error.js';

const folder = tmpdir();

describe('outputError', () => {
  it.each([
    ['ENOSPC', 'OUTPUT_DISK_FULL'],
    ['EDQUOT', 'OUTPUT_DISK_FULL'],
    ['EACCES', 'OUTPUT_NOT_WRITABLE'],
    ['EROFS', 'OUTPUT_NOT_WRITABLE'],
    ['EFBIG', 'OUTPUT_NOT_WRITABLE'],
    ['EWHATEVER', 'OUTPUT_NOT_WRITABLE'],
    ['ENOENT', 'OUTPUT_FOLDER_MISSING'],
    ['ENAMETOOLONG', 'OUTPUT_NAME_TOO_LONG'],
  ])('puts %s in words as %s', async (systemCode, code) => {
    const error = Object.assign(new Error('x'), { code: systemCode });
    const answer = await outputError(error, join(folder, 'a.wav'), 1_500_000);
    expect(answer.code).toBe(code);
    expect(answer.message).toMatch(/^Expected .*, found .*\. [A-Z].*\.$/s);
  });

  it('says how much is needed and free on a full disk', async () => {
    const error = Object.assign(new Error('x'), { code: 'ENOSPC' });
    const answer = await outputError(error, join(folder, 'a.wav'), 1_500_000);
    expect(answer.message).toMatch(/1\.5 MB.*found [\d.]+ \w+ free/);
    expect(answer.details).toMatchObject({ neededBytes: 1_500_000, freeBytes: expect.any(Number) });
  });
});
