import { describe, expect, it } from 'vitest';
import { createFakeClient } from '../api/client.fake.js';
import { NetsState } from './nets.svelte.js';

const model = { id: 'm', stage: 'enhance', title: 'M', licence: 'MIT' };
const level = (id: string) => ({ id, sizeBytes: 1, sha256: '' });

describe('NetsState', () => {
  it('lists the levels of the enhancers with their titles, each once, and asks once', async () => {
    const client = createFakeClient({
      'models:list': async () => ({
        schema: 'sotto.models/1',
        models: [
          { ...model, stage: 'voice', levels: [level('other')] },
          { ...model, levels: [{ ...level('fp32'), title: 'Dense' }, level('phi25')] },
          { ...model, levels: [{ ...level('fp32'), title: 'Never runs' }] },
        ],
      }),
    });
    const nets = new NetsState(client);
    await nets.load();
    await nets.load();
    expect(nets.levels).toEqual([
      { id: 'fp32', title: 'Dense' },
      { id: 'phi25', title: 'phi25' },
    ]);
    expect(client.calls).toHaveLength(1);
  });

  it.each([
    [['voice-codes', 'voice-synthesis'], [{ id: 'edge', title: 'edge' }]],
    [['voice-codes'], []],
    [['voice-synthesis'], []],
    [[], []],
  ])('of the voice models %j offers the levels %j', async (ids, levels) => {
    const models = ids.map((id) => ({ ...model, id, stage: 'voice', levels: [level('edge')] }));
    const client = createFakeClient({
      'models:list': async () => ({ schema: 'sotto.models/1', models }),
    });
    const nets = new NetsState(client);
    expect(nets.voiceLevels).toBeNull();
    await nets.load();
    expect(nets.voiceLevels).toEqual(levels);
  });

  it('knows of none while the engine does not answer, and asks again', async () => {
    const client = createFakeClient({});
    const nets = new NetsState(client);
    await nets.load();
    await nets.load();
    expect(nets.levels).toEqual([]);
    expect(client.calls).toHaveLength(2);
  });
});
