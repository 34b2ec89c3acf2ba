import { describe, expect, it } from 'vitest';
import { createFakeClient, fakeSettings } from '../api/client.fake.js';
import { MessagesState } from './messages.svelte.js';
import { OutputPlanState } from './output-plan.svelte.js';

function planWith(nameOf: (fileId: string) => string) {
  const client = createFakeClient({
    'outputs:plan': async ({ fileIds }) => ({
      outputs: fileIds.map((fileId) => ({ fileId, output: nameOf(fileId) })),
    }),
  });
  return { plan: new OutputPlanState(client, new MessagesState()) };
}

describe('OutputPlanState', () => {
  it('keeps a name while the recording is being written and another one is planned', async () => {
    const { plan } = planWith((fileId) => `/out/${fileId}.wav`);
    await plan.ask(['a'], fakeSettings.job);
    await plan.ask(['b'], fakeSettings.job);
    await plan.ask([], fakeSettings.job);
    expect(plan.of('a')?.output).toBe('/out/a.wav');
    expect(plan.of('b')?.output).toBe('/out/b.wav');
    expect(plan.of('c')).toBeUndefined();
  });

  it('replaces a name by a newer one, and loses no answer when all recordings have begun', async () => {
    let round = 1;
    const { plan } = planWith((fileId) => `/out/${fileId}-${round}.wav`);
    await plan.ask(['a'], fakeSettings.job);
    round = 2;
    const asked = plan.ask(['a'], fakeSettings.job);
    await plan.ask([], fakeSettings.job);
    await asked;
    expect(plan.of('a')?.output).toBe('/out/a-2.wav');
  });
});
