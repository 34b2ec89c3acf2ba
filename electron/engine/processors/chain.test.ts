import { describe, expect, it } from 'vitest';
import type { ChainSettings } from '../../contract/chain.js';
import { FakeModelHost, passAll } from '../models/model-host.fake.js';
import { activeStages, checkChain, openChain } from './chain.js';
import { processorDefinitions } from './registry.js';

const format = { sampleRateHz: 48_000, channels: 2 };
const signal = new AbortController().signal;

describe('the registry', () => {
  it('finds the enhance stage by its folder, and every definition lies in the folder of its id', () => {
    expect(processorDefinitions.map(({ id, stage }) => [id, stage])).toContainEqual(['enhance', 'enhance']);
  });
});

describe('a chain', () => {
  it('runs nothing when it is empty, and opens nothing at strength 0', async () => {
    for (const chain of [{}, { enhance: { strength: 0, level: 'no such level' } }]) {
      const models = new FakeModelHost(passAll);
      expect(activeStages(chain)).toEqual([]);
      checkChain(chain, models);
      expect(await openChain(format, chain, { models, signal })).toEqual([]);
      expect(models.openSessions).toBe(0);
    }
  });

  it('opens the stages that run and tells which weights', async () => {
    const models = new FakeModelHost(passAll);
    const chain = { enhance: { strength: 0.5, level: 'fp32' } };
    const processors = await openChain(format, chain, { models, signal });
    expect(activeStages(chain).map(({ stage }) => stage)).toEqual(['enhance']);
    expect(processors.flatMap(({ models: ran }) => ran.map(({ id }) => id))).toEqual(['fake-mask']);
    for (const processor of processors) processor.close();
    expect(models.openSessions).toBe(0);
  });

  it('names a level that does not exist and a strength that cannot be before anything is opened', async () => {
    const models = new FakeModelHost(passAll);
    const unknownLevel = { enhance: { strength: 1, level: 'int4' } };
    expect(() => checkChain(unknownLevel, models)).toThrow(
      expect.objectContaining({ code: 'MODEL_NOT_FOUND' }) as Error,
    );
    await expect(openChain(format, unknownLevel, { models, signal })).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
    });
    for (const strength of [-1, 1.5, NaN]) {
      expect(() => checkChain({ enhance: { strength, level: 'fp32' } }, models)).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }) as Error,
      );
    }
  });

  it('refuses a stage that this version does not have by its name', () => {
    const later = { separate: { strength: 1, level: 'fp32' } } as ChainSettings;
    expect(() => checkChain(later, new FakeModelHost(passAll))).toThrow(
      /"separate".*it has: disguise, enhance, voice/,
    );
  });
});
