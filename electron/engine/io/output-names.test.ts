import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseNames, cleanStem, maxNameBytes, nameOutputs, type NameSituation } from './output-names.js';

function names(situation: Partial<NameSituation> & { paths: string[] }): (string | null)[] {
  return chooseNames({
    inputs: situation.paths.map((path) => ({ path, extension: 'wav' })),
    names: 'source',
    overwrite: false,
    existing: [],
    forbidden: [],
    ...situation,
  }).map(({ name }) => name);
}

describe('chooseNames, neutral', () => {
  it('counts from 001 and tells nothing of the source', () => {
    expect(names({ paths: ['/in/Anna Schmidt.wav', '/in/b.mp3'], names: 'neutral' })).toEqual([
      'sanitised-001.wav',
      'sanitised-002.wav',
    ]);
  });

  it('goes on after the highest number in the folder, whatever its extension or case', () => {
    const existing = ['sanitised-001.wav', 'Sanitised-007.FLAC', 'sanitised-report.json', 'sanitised-12.wav'];
    expect(names({ paths: ['a', 'b'], names: 'neutral', existing })).toEqual([
      'sanitised-008.wav',
      'sanitised-009.wav',
    ]);
  });

  it('begins again at 001 when overwriting, around inputs and promised names', () => {
    const existing = ['sanitised-001.wav', 'sanitised-002.wav', 'sanitised-003.wav'];
    const forbidden = ['sanitised-002.wav'];
    expect(names({ paths: ['a', 'b'], names: 'neutral', overwrite: true, existing, forbidden })).toEqual([
      'sanitised-001.wav',
      'sanitised-003.wav',
    ]);
  });

  it('grows beyond three digits', () => {
    expect(names({ paths: ['a'], names: 'neutral', existing: ['sanitised-999.wav'] })).toEqual([
      'sanitised-1000.wav',
    ]);
  });
});

describe('chooseNames, from the source', () => {
  it('gives a second and third result of the same name a number, and says so', () => {
    const chosen = chooseNames({
      inputs: ['/a/x.wav', '/b/X.flac', '/c/x.mp3'].map((path) => ({ path, extension: 'wav' })),
      names: 'source',
      overwrite: false,
      existing: [],
      forbidden: [],
    });
    expect(chosen.map(({ name }) => name)).toEqual([
      'x-sanitised.wav',
      'X-sanitised-2.wav',
      'x-sanitised-3.wav',
    ]);
    expect(chosen.map(({ findings }) => findings.map(({ code }) => code))).toEqual([
      [],
      ['NAME_TAKEN'],
      ['NAME_TAKEN'],
    ]);
  });

  it('refuses a name that a file has, for this input alone', () => {
    const [first, second] = chooseNames({
      inputs: [
        { path: 'x.wav', extension: 'wav' },
        { path: 'y.wav', extension: 'wav' },
      ],
      names: 'source',
      overwrite: false,
      existing: ['X-Sanitised.WAV'],
      forbidden: [],
    });
    expect(first).toMatchObject({ name: null, error: { code: 'OUTPUT_EXISTS' } });
    expect(second).toMatchObject({ name: 'y-sanitised.wav', error: null });
  });

  it('takes the name of an existing file when told to overwrite, but never that of an input', () => {
    const existing = ['x-sanitised.wav'];
    expect(names({ paths: ['x.wav'], overwrite: true, existing })).toEqual(['x-sanitised.wav']);
    expect(names({ paths: ['x.wav'], overwrite: true, existing, forbidden: existing })).toEqual([
      'x-sanitised-2.wav',
    ]);
  });

  it.each([
    ['a\nb\tc.wav', 'a b c'],
    ['\u202egnp.exe.wav', 'gnp.exe'],
    ['what? "no": <yes>|*.wav', 'what- -no-- -yes---'],
    ['.hidden.wav', 'hidden'],
    ['--rm -rf.wav', 'rm -rf'],
    ['con.wav', '_con'],
    ['COM1.take 2.wav', '_COM1.take 2'],
    ['console.wav', 'console'],
    ['\n.wav', 'recording'],
    ['interview 🎙️.wav', 'interview 🎙️'],
    ['\ud800broken.wav', 'broken'],
    ['Żółć', 'Żółć'],
  ])('makes %j fit for every disk: %j', (file, stem) => {
    expect(cleanStem(`/in/${file}`)).toBe(stem);
  });

  it('shortens between characters as a reader sees them', () => {
    const family = '👩‍👩‍👧‍👦';
    const [name] = names({ paths: [`${family.repeat(20)}.wav`] });
    expect(Buffer.byteLength(name!)).toBeLessThanOrEqual(maxNameBytes);
    expect(name).toBe(`${family.repeat(7)}-sanitised.wav`);
  });
});

describe('chooseNames, whatever comes', () => {
  // Few distinct names, so that they meet often; some are names that Sotto itself makes.
  const nameArbitrary = fc.oneof(
    fc.constantFrom(
      'a',
      'A',
      'b',
      'é',
      'e\u0301',
      'a-sanitised',
      'a-sanitised-2',
      'sanitised-001',
      'con',
      '\n',
      '',
    ),
    fc.string({ unit: 'grapheme', maxLength: 300 }),
  );
  const fileArbitrary = fc
    .tuple(nameArbitrary, fc.constantFrom('wav', 'WAV', 'flac'))
    .map(([name, extension]) => `${name.replace(/[/\0]/g, '_')}.${extension}`);

  it('makes distinct names that are neither an input, nor promised, nor there already', () => {
    fc.assert(
      fc.property(
        fc.array(fileArbitrary, { minLength: 1, maxLength: 12 }),
        fc.array(fileArbitrary, { maxLength: 6 }),
        fc.array(fileArbitrary, { maxLength: 3 }),
        fc.constantFrom('neutral' as const, 'source' as const),
        fc.boolean(),
        (inputs, others, promised, policy, overwrite) => {
          const key = (name: string): string => name.normalize('NFC').toLowerCase();
          const existing = [...inputs, ...others];
          const chosen = chooseNames({
            inputs: inputs.map((path) => ({ path: `/in/${path}`, extension: 'wav' })),
            names: policy,
            overwrite,
            existing,
            forbidden: [...inputs, ...promised],
          });
          const made = chosen.flatMap(({ name }) => (name === null ? [] : [name]));
          expect(new Set(made.map(key)).size).toBe(made.length);
          for (const name of made) {
            expect([...inputs, ...promised].map(key)).not.toContain(key(name));
            if (!overwrite) expect(existing.map(key)).not.toContain(key(name));
            expect(Buffer.byteLength(name)).toBeLessThanOrEqual(maxNameBytes);
            expect(name).toMatch(/^[^\s.\-/\p{Cc}][^/\p{Cc}]*\.wav$/u);
          }
          for (const { name, error } of chosen) expect((name === null) === (error !== null)).toBe(true);
          if (policy === 'neutral' || overwrite) expect(made).toHaveLength(inputs.length);
        },
      ),
    );
  });
});

describe('nameOutputs', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sotto-names-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('sees what is in the folder, what is an input there also through a link, and what was promised', async () => {
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    writeFileSync(join(folder, 'real', 'sanitised-001.wav'), '');
    const outputs = await nameOutputs({
      inputs: [
        { path: join(folder, 'real', 'sanitised-001.wav'), extension: 'wav' },
        { path: join(folder, 'b.wav'), extension: 'flac' },
      ],
      folder: join(folder, 'link'),
      names: 'neutral',
      overwrite: true,
      reserved: [join(folder, 'link', 'sanitised-002.wav'), join(folder, 'other', 'sanitised-003.wav')],
    });
    expect(outputs.map(({ output }) => output)).toEqual([
      join(folder, 'link', 'sanitised-003.wav'),
      join(folder, 'link', 'sanitised-004.flac'),
    ]);
  });

  it('says that the folder is missing', async () => {
    const request = { inputs: [], folder: join(folder, 'none'), names: 'neutral', overwrite: false } as const;
    await expect(nameOutputs(request)).rejects.toMatchObject({ code: 'OUTPUT_FOLDER_MISSING' });
  });
});
