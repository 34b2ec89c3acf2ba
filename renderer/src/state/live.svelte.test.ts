import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../electron/contract/app-error.js';
import type { FrameWeights } from '../../../electron/contract/frame-weights.js';
import { createFakeClient } from '../api/client.fake.js';
import type { LiveNet } from '../player/mixer-options.js';
import { LiveState } from './live.svelte.js';
import { MessagesState } from './messages.svelte.js';

const weights = { model: 'enhance', level: 'phi25', sha256: 'ab', gates: true, onnx: Uint8Array.of(3, 1, 4) };
let messages: MessagesState;
let given: LiveNet[];

beforeEach(() => {
  messages = new MessagesState();
  given = [];
});

function liveWith(answer: (level: string) => FrameWeights | Promise<FrameWeights>) {
  const client = createFakeClient({ 'live:weights': async ({ level }) => await answer(level) });
  return { client, live: new LiveState(client, messages, (net) => given.push(net)) };
}

describe('LiveState', () => {
  it('asks for the weights of a level once and shares them with the audio thread', async () => {
    const { client, live } = liveWith(() => weights);
    await Promise.all([live.prepare('phi25'), live.prepare('phi25')]);
    await live.prepare('phi25');
    expect(client.calls).toEqual([{ name: 'live:weights', input: { level: 'phi25' } }]);
    expect(live.availability).toBe('available');
    expect(given.map(({ sha256, onnx }) => [sha256, ...onnx])).toEqual([['ab', 3, 1, 4]]);
    expect(given[0]?.onnx.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('says why it cannot be switched on, and asks again later', async () => {
    let installed = false;
    const { live } = liveWith(() => {
      if (!installed) throw new AppError('MODEL_NOT_FOUND', 'Expected a gated net, found none. Install one.');
      return weights;
    });
    expect(live.switch(true)).toBe(false);
    await live.prepare('phi25');
    expect(live.availability).toBe('unavailable');
    expect(live.reason).toBe('Expected a gated net, found none. Install one.');
    expect(live.switch(true)).toBe(false);
    expect(live.session).toBe(0);
    installed = true;
    await live.prepare('phi25');
    expect(live.switch(true)).toBe(true);
    expect(live.reason).toBe('');
  });

  it('asks again when another level is set, stays on meanwhile, and says whether the net has gates', async () => {
    const { client, live } = liveWith((level) => ({
      ...weights,
      level,
      sha256: level,
      gates: level !== 'fp32',
    }));
    await live.prepare('phi25');
    expect(live.gates).toBe(true);
    live.switch(true);
    live.show('ready', 0.3);
    const { session } = live;
    const changing = live.prepare('fp32');
    expect([live.on, live.availability]).toEqual([true, 'available']);
    await changing;
    expect([live.on, live.session, live.gates]).toEqual([true, session, false]);
    expect(live.savedShare).toBeNull();
    expect(client.calls.map(({ input }) => input)).toEqual([{ level: 'phi25' }, { level: 'fp32' }]);
    expect(given.map(({ sha256 }) => sha256)).toEqual(['phi25', 'fp32']);
  });

  it('takes the level asked for last, in whichever order answers and refusals come', async () => {
    const answers = new Map<string, () => void>();
    const { live } = liveWith(
      (level) =>
        new Promise((resolve, reject) => {
          answers.set(level, () => {
            if (level === 'gone') reject(new AppError('MODEL_NOT_FOUND', 'Expected it, found none.'));
            else resolve({ ...weights, level, sha256: level });
          });
        }),
    );
    const all = ['phi25', 'gone', 'fp32'].map((level) => live.prepare(level));
    for (const level of ['fp32', 'phi25', 'gone']) answers.get(level)?.();
    await Promise.all(all);
    expect(given.map(({ sha256 }) => sha256)).toEqual(['fp32']);
    expect(live.availability).toBe('available');
  });

  it('goes off and says why when the level set cannot be had, instead of going on with another one', async () => {
    const { live } = liveWith((level) => {
      if (level === 'gone') throw new AppError('MODEL_NOT_FOUND', 'Expected the level, found none.');
      return weights;
    });
    await live.prepare('phi25');
    live.switch(true);
    await live.prepare('gone');
    expect([live.on, live.session, live.availability]).toEqual([false, 0, 'unavailable']);
    expect(messages.list.map(({ text }) => text)).toEqual([
      'Live monitoring is not available. Expected the level, found none.',
    ]);
  });

  it('numbers the times it is switched on, so that an overload of the last one is over', async () => {
    const { live } = liveWith(() => weights);
    await live.prepare('phi25');
    live.switch(true);
    const first = live.session;
    live.switch(true);
    expect(live.session).toBe(first);
    live.switch(false);
    expect(live.session).toBe(0);
    live.switch(true);
    expect(live.session).toBeGreaterThan(first);
  });

  it('shows the saved share only while it is on and something was computed', async () => {
    const { live } = liveWith(() => weights);
    await live.prepare('phi25');
    live.show('ready', 0.3);
    expect(live.savedShare).toBeNull();
    live.switch(true);
    live.show('preparing', 0);
    expect(live.savedShare).toBeNull();
    live.show('ready', 0.3);
    expect(live.savedShare).toBeCloseTo(0.7, 12);
    live.show('preparing', 0);
    expect(live.savedShare).toBeNull();
    live.show('ready', 0.3);
    live.switch(false);
    expect(live.savedShare).toBeNull();
    expect(live.status).toBe('off');
  });

  it('is not available any more when the net cannot be opened, and says why', async () => {
    const { live } = liveWith(() => weights);
    await live.prepare('phi25');
    live.switch(true);
    live.fail('Expected weights, found none.');
    expect(live.on).toBe(false);
    expect(live.availability).toBe('unavailable');
    expect(messages.list[0]?.text).toContain('Expected weights, found none.');
  });
});
