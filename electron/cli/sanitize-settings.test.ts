import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { modelManifestSchema } from '../engine/models/model-manifest.js';
import { settingsFromOptions, type SettingOptions } from './sanitize-settings.js';

const model = modelManifestSchema.parse({
  schema: 'sotto.model/1',
  id: 'enhancer',
  stage: 'enhance',
  title: 'Enhancer',
  licence: 'MIT',
  runner: 'spectral-mask',
  sampleRateHz: 16000,
  fftSize: 512,
  hopSamples: 256,
  window: 'sqrt-hann-periodic',
  contextFrames: 10,
  latencyFrames: 0,
  inputs: [],
  outputs: [],
  levels: ['fp32', 'fp16'].map((id) => ({ id, file: `${id}.onnx`, sha256: '0'.repeat(64), sizeBytes: 1 })),
  golden: { file: 'golden.bin', maxAbsoluteError: 1e-4 },
  measures: 'measures.json',
});

const codes = { ...model, id: 'voice-codes', stage: 'voice', levels: [{ ...model.levels[0]!, id: 'paper' }] };
const synthesis = { ...model, id: 'voice-synthesis', stage: 'voice' };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-settings-'));
});

afterEach(() => rm(folder, { recursive: true }));

function settings(options: Partial<SettingOptions>): ReturnType<typeof settingsFromOptions> {
  return settingsFromOptions({ preset: 'clean-only', level: [], ...options }, [model, codes, synthesis]);
}

async function refusal(options: Partial<SettingOptions>): Promise<string> {
  return settings(options).then(
    () => 'accepted',
    (error: unknown) =>
      error instanceof Error && 'code' in error ? `${String(error.code)} ${error.message}` : '',
  );
}

describe('settingsFromOptions', () => {
  it('takes the shipped presets as they are', async () => {
    expect(await settings({ preset: 'passthrough' })).toEqual({
      chain: {},
      export: { format: 'same', names: 'neutral' },
    });
    expect((await settings({})).chain.enhance?.level).toBe('fp32');
  });

  it('lets options override the preset', async () => {
    const changed = await settings({
      ...{ enhance: '0.4', level: ['enhancer=fp16'], format: 'flac', names: 'source' },
      ...{ separate: 'off', voice: 'off' },
    });
    expect(changed).toEqual({
      chain: { enhance: { strength: 0.4, level: 'fp16' } },
      export: { format: 'flac', names: 'source' },
    });
    expect((await settings({ enhance: 'off' })).chain).toEqual({});
    expect((await settings({ preset: 'passthrough', enhance: '1' })).chain.enhance?.strength).toBe(1);
  });

  it('adds a disguise, with an alpha that is drawn or said', async () => {
    const chain = async (options: Partial<SettingOptions>) => (await settings(options)).chain;
    const enhance = { strength: 1, level: 'fp32' };
    const random = { strength: 1, alpha: 'random' };
    expect(await chain({ voice: 'disguise' })).toEqual({ enhance, disguise: random });
    expect(await chain({ preset: 'disguise' })).toEqual({ disguise: random });
    expect(await chain({ preset: 'disguise', enhance: '1', pitch: 'natural' })).toEqual({
      enhance,
      disguise: random,
    });
    expect(await chain({ preset: 'disguise', alpha: '.6' })).toEqual({
      disguise: { strength: 1, alpha: 0.6 },
    });
    expect(await chain({ voice: 'disguise', alpha: 'random' })).toEqual({ enhance, disguise: random });
    expect(await chain({ preset: 'disguise', voice: 'off' })).toEqual({});
  });

  it.each(['0.4', '0.95', '1', '-0.6', 'often', '', '6e-1'])('refuses the alpha "%s"', async (alpha) => {
    expect(await refusal({ voice: 'disguise', alpha })).toMatch(
      /^INVALID_ARGUMENT Expected --alpha 0.5 to 0.9, or random; found/,
    );
  });

  it('never lets the raw voice through where a disguise was asked for', async () => {
    const preset = join(folder, 'idle.json');
    const shipped = JSON.parse(await readFile('assets/presets/disguise.json', 'utf8')) as object;
    const chain = { disguise: { strength: 0, alpha: 0.6 } };
    await writeFile(preset, JSON.stringify({ ...shipped, chain }));
    expect((await settings({ preset })).chain).toEqual(chain);
    expect(await refusal({ preset, alpha: '0.7' })).toContain('found no disguise to run');
    const asked = await settings({ preset, voice: 'disguise' });
    expect(asked.chain.disguise).toEqual({ strength: 1, alpha: 'random' });
  });

  it('refuses an alpha where nothing is disguised', async () => {
    expect(await refusal({ alpha: '0.7' })).toContain('INVALID_ARGUMENT Expected --alpha together with');
    expect(await refusal({ alpha: '0.7', voice: 'off', preset: 'disguise' })).toContain('found no disguise');
  });

  it.each(['7', '-0.1', '1.01', '', 'on', 'NaN', '0x1', '1e-3', '0,5'])(
    'refuses the strength "%s"',
    async (enhance) => {
      expect(await refusal({ enhance })).toMatch(/^INVALID_ARGUMENT Expected --enhance 0 to 1, or off/);
    },
  );

  it('gives another voice, with the pitch and clarity that are said', async () => {
    const voiceOf = async (options: Partial<SettingOptions>) => (await settings(options)).chain.voice;
    const natural = { mode: 'random', pitch: 'natural', clarity: 'strict', strength: 1, level: 'edge' };
    expect(await settings({ voice: 'random' })).toMatchObject({
      chain: { enhance: { strength: 1 }, voice: natural },
    });
    expect(await voiceOf({ preset: 'whistleblower' })).toEqual({ ...natural, pitch: 'flat' });
    expect(await voiceOf({ voice: 'neutral', pitch: 'template', clarity: 'clear' })).toEqual({
      ...natural,
      ...{ mode: 'neutral', pitch: 'template', clarity: 'clear' },
    });
    expect(await voiceOf({ voice: 'keep', pitch: 'flat' })).toEqual({
      ...natural,
      mode: 'keep',
      pitch: 'flat',
    });
    expect(await voiceOf({ voice: 'neutral', level: ['voice-codes=paper'] })).toMatchObject({
      level: 'paper',
    });
    const overridden = { preset: 'whistleblower', pitch: 'natural', clarity: 'balanced' };
    expect(await voiceOf(overridden)).toEqual({ ...natural, clarity: 'balanced' });
    expect(await voiceOf({ preset: 'whistleblower', voice: 'neutral' })).toMatchObject({
      ...{ mode: 'neutral', pitch: 'flat' },
    });
    expect(await voiceOf({ preset: 'whistleblower', voice: 'off' })).toBeUndefined();
  });

  it('lets one of voice and disguise run, the one that was asked for last', async () => {
    expect((await settings({ preset: 'disguise', voice: 'random' })).chain).toEqual({
      voice: { mode: 'random', pitch: 'natural', clarity: 'strict', strength: 1, level: 'edge' },
    });
    expect((await settings({ preset: 'whistleblower', voice: 'disguise', enhance: 'off' })).chain).toEqual({
      disguise: { strength: 1, alpha: 'random' },
    });
    expect(await refusal({ preset: 'disguise', voice: 'random', alpha: '0.6' })).toContain(
      'found no disguise to run',
    );
  });

  it('takes no preset whose other voice would not speak', async () => {
    const preset = join(folder, 'idle.json');
    const shipped = JSON.parse(await readFile('assets/presets/whistleblower.json', 'utf8')) as object;
    const chain = { voice: { mode: 'random', strength: 0 } };
    await writeFile(preset, JSON.stringify({ ...shipped, chain }));
    expect(await refusal({ preset, voice: 'random' })).toContain('chain.voice.strength');
  });

  it.each([{ pitch: 'flat' }, { pitch: 'template' }, { clarity: 'strict' }])(
    'refuses %j where no other voice speaks',
    async (options) => {
      for (const voice of ['off', 'disguise', undefined]) {
        expect(await refusal({ ...options, voice })).toMatch(
          /^INVALID_ARGUMENT Expected --(pitch|clarity) together with --voice random, neutral or keep/,
        );
      }
    },
  );

  it('takes a natural pitch without another voice, for that is what every voice has', async () => {
    expect(await refusal({ pitch: 'natural' })).toBe('accepted');
  });

  it('names the missing stage for words of stages to come', async () => {
    for (const options of [{ separate: 'speech' }, { stems: '/tmp/stems' }, { preset: 'interview' }]) {
      expect(await refusal(options)).toMatch(
        /^STAGE_NOT_AVAILABLE .*separate.*Available now: disguise, enhance/,
      );
    }
  });

  it('tells a typing error from a stage that is missing', async () => {
    expect(await refusal({ voice: 'robot' })).toContain('INVALID_ARGUMENT Expected --voice off | random');
    expect(await refusal({ pitch: 'high' })).toContain('INVALID_ARGUMENT Expected --pitch natural | flat');
    expect(await refusal({ clarity: 'murky' })).toContain('INVALID_ARGUMENT Expected --clarity strict |');
    expect(await refusal({ format: 'wma' })).toContain('INVALID_ARGUMENT Expected --format wav16');
    expect(await refusal({ names: 'mine' })).toContain('INVALID_ARGUMENT Expected --names neutral | source');
  });

  it('refuses levels that do not exist or would have no effect', async () => {
    expect(await refusal({ level: ['enhancer'] })).toContain(
      'Expected --level MODEL=LEVEL, for example enhancer=fp32',
    );
    expect(await refusal({ level: ['other=fp32'] })).toContain(
      'MODEL_NOT_FOUND Expected a model in --level: enhancer, voice-codes',
    );
    expect(await refusal({ level: ['enhancer=int3'] })).toContain(
      'MODEL_NOT_FOUND Expected a level of enhancer: fp32, fp16',
    );
    expect(await refusal({ level: ['enhancer=fp32'], enhance: 'off' })).toContain('"enhance" is off');
    expect(await refusal({ level: ['voice-codes=paper'] })).toContain('"voice" is off');
    expect(await refusal({ level: ['voice-synthesis=fp32'], voice: 'random' })).toContain(
      'Expected --level voice-codes=LEVEL',
    );
  });

  it('reads a preset file and says what is wrong with a broken one', async () => {
    const path = join(folder, 'mine.json');
    const preset = {
      ...{ schema: 'sotto.preset/1', id: 'mine', title: 'Mine', description: '' },
      ...{ chain: { enhance: { strength: 0.5 } }, export: { format: 'mp3', names: 'neutral' } },
    };
    await writeFile(path, JSON.stringify(preset));
    expect((await settings({ preset: path })).chain).toEqual({ enhance: { strength: 0.5, level: 'fp32' } });

    await writeFile(path, JSON.stringify({ ...preset, chain: { enhance: { strength: 5 } } }));
    expect(await refusal({ preset: path })).toContain('PRESET_INVALID');
    expect(await refusal({ preset: path })).toContain('chain.enhance.strength');
    await writeFile(path, JSON.stringify({ ...preset, chain: { separate: { keep: 'speech' } } }));
    expect(await refusal({ preset: path })).toContain('STAGE_NOT_AVAILABLE');
    const both = { voice: { mode: 'random' }, disguise: { strength: 1 } };
    await writeFile(path, JSON.stringify({ ...preset, chain: both }));
    expect(await refusal({ preset: path })).toContain('Expected voice or disguise, found both');
    await writeFile(path, '{"schema": ');
    expect(await refusal({ preset: path })).toContain('PRESET_INVALID Expected JSON');
    expect(await refusal({ preset: join(folder, 'gone.json') })).toContain(
      'PRESET_INVALID Expected a preset file',
    );
    expect(await refusal({ preset: folder + '/' })).toContain('PRESET_INVALID');
    expect(await refusal({ preset: 'nonsense' })).toContain('passthrough, whistleblower');
  });
});
