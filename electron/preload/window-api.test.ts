import { describe, expect, it, vi } from 'vitest';
import { windowContract } from '../contract/window-contract.js';
import { createWindowApi, type Bridge } from './window-api.js';

function bridge() {
  let heard: (name: unknown, payload: unknown) => void = () => undefined;
  const unsubscribe = vi.fn();
  return {
    unsubscribe,
    say: (name: unknown, payload: unknown) => {
      heard(name, payload);
    },
    invoke: vi.fn<Bridge['invoke']>(() => Promise.resolve({ ok: true, value: {} })),
    subscribe: vi.fn<Bridge['subscribe']>((listener) => {
      heard = listener;
      return unsubscribe;
    }),
    pathOf: vi.fn<Bridge['pathOf']>(() => '/music/a.wav'),
    dropped: vi.fn<Bridge['dropped']>(),
  };
}

describe('window.api', () => {
  it('passes requests of the contract on', async () => {
    const electron = bridge();
    const api = createWindowApi(windowContract, electron);
    await expect(api.request('app:state', {})).resolves.toEqual({ ok: true, value: {} });
    expect(electron.invoke).toHaveBeenCalledWith('app:state', {});
  });

  it.each(['app:quit', 'toString', 'sotto:request'])('answers %s itself, without main', async (name) => {
    const electron = bridge();
    const answer = await createWindowApi(windowContract, electron).request(name, {});
    expect(answer).toMatchObject({ ok: false, error: { code: 'INVALID_ARGUMENT' } });
    expect(electron.invoke).not.toHaveBeenCalled();
  });

  it('hands over only the events asked for, without Electron objects, until told to stop', () => {
    const electron = bridge();
    const listener = vi.fn();
    const off = createWindowApi(windowContract, electron).on('engine:state', listener);
    electron.say('file:progress', { fileId: 'x' });
    electron.say('engine:state', { state: 'ready', message: null });
    expect(listener.mock.calls).toEqual([[{ state: 'ready', message: null }]]);
    off();
    expect(electron.unsubscribe).toHaveBeenCalledOnce();
  });

  it('refuses events that are not of the contract', () => {
    expect(() => createWindowApi(windowContract, bridge()).on('window:closed', () => undefined)).toThrow(
      /window:closed/,
    );
  });

  it('tells main about a dropped file, but not about one that a script made', () => {
    const electron = bridge();
    const api = createWindowApi(windowContract, electron);
    expect(api.pathOf({})).toBe('/music/a.wav');
    expect(electron.dropped).toHaveBeenCalledWith('/music/a.wav');
    electron.pathOf.mockReturnValue('');
    expect(api.pathOf({})).toBe('');
    expect(electron.dropped).toHaveBeenCalledOnce();
  });
});
