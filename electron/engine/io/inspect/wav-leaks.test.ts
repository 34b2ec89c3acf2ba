import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Leak } from '../../../contract/inspection.js';
import { openInput } from '../reading/open-input.js';
import { chunk, rf64File, wavFile } from '../reading/recordings.fake.js';
import { bextData, plainSound, secretWav, wavSecrets } from './planted-secrets.fake.js';
import { wavLeaks } from './wav-leaks.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-wav-leaks-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function leaksIn(content: Buffer): Promise<Leak[]> {
  const path = join(folder, 'x.wav');
  await writeFile(path, content);
  const bytes = await openInput(path);
  try {
    return await wavLeaks(bytes);
  } finally {
    await bytes.close();
  }
}

describe('wavLeaks', () => {
  it('finds nothing in a file of sound alone', async () => {
    expect(await leaksIn(wavFile(plainSound))).toEqual([]);
    expect(await leaksIn(wavFile({ ...plainSound, before: [chunk('JUNK', Buffer.alloc(5000))] }))).toEqual(
      [],
    );
    expect(await leaksIn(rf64File(plainSound))).toEqual([]);
  });

  it('finds every planted secret, with its place and kind', async () => {
    const found = await leaksIn(secretWav());
    for (const [where, kind, value] of wavSecrets) {
      const places = found.filter((leak) => leak.where === where);
      expect(places, where).not.toEqual([]);
      expect(
        places.map((leak) => leak.kind),
        where,
      ).toContain(kind);
      expect(places.map((leak) => leak.value).join('\n'), where).toContain(value);
    }
  });

  it('lists each place once and every value within 200 characters', async () => {
    const found = await leaksIn(secretWav());
    const places = found.map((leak) => leak.where);
    expect(places.filter((where, n) => places.indexOf(where) !== n)).toEqual([]);
    const long = await leaksIn(wavFile({ ...plainSound, after: [chunk('vndr', 'x'.repeat(100_000))] }));
    expect(long.map((leak) => leak.value.length)).toEqual([200]);
  });

  it('finds them in RF64 as well', async () => {
    const found = await leaksIn(rf64File({ ...plainSound, before: [chunk('bext', bextData())] }));
    expect(found.map((leak) => leak.value)).toContain('US-SERIAL-0042');
  });

  it('does not take sound for a secret when the header does not know the length', async () => {
    for (const size of [0, 0xffffffff]) {
      const file = wavFile({ ...plainSound, before: [chunk('LIST', 'INFOIART\x04\0\0\0Ann\0')] });
      file.writeUInt32LE(size, file.indexOf('data') + 4);
      expect((await leaksIn(file)).map((leak) => leak.where)).toEqual(['INFO.IART']);
    }
  });

  it('names whole chunks behind the declared end', async () => {
    const file = wavFile({ ...plainSound, after: [chunk('vndr', 'secret')] });
    file.writeUInt32LE(file.length - 8 - 14, 4);
    const found = await leaksIn(file);
    expect(found.map((leak) => leak.where)).toEqual(['vndr', 'riff.end']);
  });

  it('looks through a thousand parts and not for ever', async () => {
    const many = Array.from({ length: 6000 }, () => chunk('vndr', 'x'));
    const found = await leaksIn(wavFile({ ...plainSound, after: many }));
    expect(found.length).toBeGreaterThan(1000);
    expect(found.length).toBeLessThan(6000);
    expect(found.at(-1)?.where).toBe('riff.end');
  });
});
