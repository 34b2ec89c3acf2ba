import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelCatalogue, modelsRoot } from './manifests.js';
import { writeTinyModel } from './tiny-model.fake.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sotto-models-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('the catalogue of models', () => {
  it('finds every folder with a manifest and nothing else', () => {
    writeTinyModel(root);
    writeTinyModel(root, { id: 'another', stage: 'separate' });
    mkdirSync(join(root, 'common'));
    expect(
      ModelCatalogue.read(root)
        .list()
        .map(({ id }) => id),
    ).toEqual(['another', 'tiny']);
  });

  it('finds a model by stage and level and says which levels there are otherwise', () => {
    writeTinyModel(root);
    const catalogue = ModelCatalogue.read(root);
    expect(catalogue.find('enhance', 'fp32').id).toBe('tiny');
    expect(() => catalogue.find('enhance', 'int4')).toThrow(/found fp32 \(tiny\)/);
    expect(() => catalogue.find('voice', 'fp32')).toThrow(
      expect.objectContaining({ code: 'MODEL_NOT_FOUND' }) as Error,
    );
  });

  it('leaves a broken manifest out, names it, and keeps the others', () => {
    writeTinyModel(root);
    mkdirSync(join(root, 'broken'));
    writeFileSync(join(root, 'broken', 'model.json'), '{"schema": "sotto.model/1"}');
    mkdirSync(join(root, 'not-json'));
    writeFileSync(join(root, 'not-json', 'model.json'), 'model');
    const catalogue = ModelCatalogue.read(root);
    expect(catalogue.list()).toHaveLength(1);
    expect(catalogue.problems).toHaveLength(2);
    expect(() => catalogue.levelFile('broken', 'fp32')).toThrow(/Left out: .*broken.*id/);
  });

  it('refuses weights outside of the model folder and a second model of the same id', () => {
    const { levels } = writeTinyModel(root);
    writeTinyModel(root, { id: 'outside', levels: [{ ...levels[0]!, file: '../tiny/model.onnx' }] });
    const catalogue = ModelCatalogue.read(root);
    expect(() => catalogue.levelFile('outside', 'fp32')).toThrow(/inside/);
    mkdirSync(join(root, 'copy'));
    writeFileSync(join(root, 'copy', 'model.json'), JSON.stringify(catalogue.find('enhance', 'fp32')));
    expect(ModelCatalogue.read(root).problems.join()).toMatch(/already taken/);
  });

  it('is empty, with the reason, where the folder does not exist', () => {
    const catalogue = ModelCatalogue.read(join(root, 'nowhere'));
    expect(catalogue.list()).toEqual([]);
    expect(() => catalogue.find('enhance', 'fp32')).toThrow(/does not exist/);
  });
});

describe('the root of the models', () => {
  it('is the folder named by the caller, else native-models above the code', () => {
    expect(modelsRoot(root)).toBe(root);
    expect(modelsRoot('')).toMatch(/native-models$/);
  });
});
