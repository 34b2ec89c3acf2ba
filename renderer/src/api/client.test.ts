import { describe, expect, it, vi } from 'vitest';
import { AppError } from '../../../electron/contract/app-error.js';
import type { WindowApi } from '../../../electron/contract/window-contract.js';
import { createApiClient } from './client.js';

function apiThatAnswers(answer: unknown): WindowApi {
  return { request: vi.fn(async () => answer), on: vi.fn(() => () => undefined), pathOf: () => '/a.wav' };
}

describe('createApiClient', () => {
  it('gives the value of an answer back', async () => {
    const api = apiThatAnswers({ ok: true, value: { path: '/out', exists: true } });
    await expect(createApiClient(api).request('output:choose', {})).resolves.toEqual({
      path: '/out',
      exists: true,
    });
    expect(api.request).toHaveBeenCalledWith('output:choose', {});
  });

  it('throws an error that came as data, with its code and details', async () => {
    const api = apiThatAnswers({
      ok: false,
      error: { code: 'INPUT_EMPTY', message: 'Empty.', details: { bytes: 0 } },
    });
    const error = await createApiClient(api)
      .request('files:choose', { kind: 'files' })
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'INPUT_EMPTY', message: 'Empty.', details: { bytes: 0 } });
  });

  it('does not pass on an answer that breaks the contract', async () => {
    for (const answer of [undefined, { ok: true, value: { path: 3 } }, { ok: 'yes' }]) {
      const asked = createApiClient(apiThatAnswers(answer)).request('output:choose', {});
      await expect(asked).rejects.toMatchObject({ code: 'INTERNAL' });
    }
  });

  it('checks events and ends a subscription when asked', () => {
    let listener: (payload: unknown) => void = () => undefined;
    const end = vi.fn();
    const api: WindowApi = {
      ...apiThatAnswers(null),
      on: (_name, heard) => {
        listener = heard;
        return end;
      },
    };
    const heard = vi.fn();
    const endSubscription = createApiClient(api).on('engine:state', heard);
    listener({ state: 'ready', message: null });
    expect(heard).toHaveBeenCalledWith({ state: 'ready', message: null });
    expect(() => {
      listener({ state: 'asleep' });
    }).toThrow('contract');
    endSubscription();
    expect(end).toHaveBeenCalledOnce();
  });
});
