import { describe, expect, it } from 'vitest';
import { join } from 'node:path';
import { DirectModelHost } from '../models/direct-model-host.js';
import { frameWeights } from './frame-weights.js';

const models = new DirectModelHost(join(import.meta.dirname, '..', '..', '..', 'native-models'));

describe('the weights of live monitoring', () => {
  it('are those of the level asked for, as a job opens them', async () => {
    const enhancer = models.find('enhance', 'fp32');
    for (const { id, sha256, sizeBytes, gates } of enhancer.levels) {
      const { onnx, ...facts } = await frameWeights(models, id);
      expect(facts).toEqual({ model: enhancer.id, level: id, sha256, gates: gates === true });
      expect(onnx).toHaveLength(sizeBytes);
    }
  });

  it('are refused for a level that no enhancer has, not replaced by others', async () => {
    await expect(frameWeights(models, 'phi1')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
  });
});
