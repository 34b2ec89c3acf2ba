import { describe, expect, it } from 'vitest';
import { throwIfAborted } from './abort.js';

describe('throwIfAborted', () => {
  it('throws CANCELLED only once its signal is aborted', () => {
    const controller = new AbortController();
    throwIfAborted(undefined);
    throwIfAborted(controller.signal);
    controller.abort();
    expect(() => {
      throwIfAborted(controller.signal);
    }).toThrow(expect.objectContaining({ code: 'CANCELLED' }));
  });
});
