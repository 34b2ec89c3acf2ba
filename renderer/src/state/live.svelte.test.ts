import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../electron/contract/app-error.js';
import { createFakeClient } from '../api/client.fake.js';
import { LiveState } from './live.svelte.js';
import { MessagesState } from './messages.svelte.js';

const weights = { model: 'enhance', level: 'phi25', sha256: 'ab', onnx: Uint8Array.of(3, 1, 4) };
let messages: MessagesState;
let given: Uint8Array[];

beforeEach(() => {
  messages = new MessagesState();
  given = [];
});

function liveWith(answer: () => typeof weights) {
  const client = createFakeClient({ 'live:weights': async () => answer() });
  return { client, live: new LiveState(client, messages, (onnx) => given.push(onnx)) };
}

describe('LiveState', () => {
  it('asks for the weights once in a session and shares them with the audio thread', async () => {
    const { client, live } = liveWith(() => weights);
    await Promise.all([live.prepare(), live.prepare()]);
    await live.prepare();
    expect(client.calls).toHaveLength(1);
    expect(live.availability).toBe('available');
    expect(given.map((onnx) => [...onnx])).toEqual([[3, 1, 4]]);
    expect(given[0]?.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('says why it cannot be switched on, and asks again later', async () => {
    let installed = false;
    const { live } = liveWith(() => {
      if (!installed) throw new AppError('MODEL_NOT_FOUND', 'Expected a gated net, found none. Install one.');
      return weights;
    });
    expect(live.switch(true)).toBe(false);
    await live.prepare();
    expect(live.availability).toBe('unavailable');
    expect(live.reason).toBe('Expected a gated net, found none. Install one.');
    expect(live.switch(true)).toBe(false);
    expect(live.session).toBe(0);
    installed = true;
    await live.prepare();
    expect(live.switch(true)).toBe(true);
    expect(live.reason).toBe('');
  });

  it('numbers the times it is switched on, so that an overload of the last one is over', async () => {
    const { live } = liveWith(() => weights);
    await live.prepare();
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
    await live.prepare();
    live.show('ready', 0.3);
    expect(live.savedShare).toBeNull();
    live.switch(true);
    live.show('preparing', 0);
    expect(live.savedShare).toBeNull();
    live.show('ready', 0.3);
    expect(live.savedShare).toBeCloseTo(0.7, 12);
    live.switch(false);
    expect(live.savedShare).toBeNull();
    expect(live.status).toBe('off');
  });

  it('is not available any more when the net cannot be opened, and says why', async () => {
    const { live } = liveWith(() => weights);
    await live.prepare();
    live.switch(true);
    live.fail('Expected weights, found none.');
    expect(live.on).toBe(false);
    expect(live.availability).toBe('unavailable');
    expect(messages.list[0]?.text).toContain('Expected weights, found none.');
  });
});
