import { describe, expect, it, vi } from 'vitest';
import { LimitedQueue } from './limited-queue.js';

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('LimitedQueue', () => {
  it('runs no more at a time than it may, in the order of asking', async () => {
    const queue = new LimitedQueue(2);
    const gates = [deferred(), deferred(), deferred(), deferred()];
    const began: number[] = [];
    const runs = gates.map((gate, index) =>
      queue.run(String(index), () => {
        began.push(index);
        return gate.promise;
      }),
    );
    expect(began).toEqual([0, 1]);
    expect(queue.size).toBe(4);
    gates[1]?.resolve();
    await settle();
    expect(began).toEqual([0, 1, 2]);
    for (const gate of gates) gate.resolve();
    await Promise.all(runs);
    expect(began).toEqual([0, 1, 2, 3]);
    expect(queue.size).toBe(0);
  });

  it('calls off what waits and leaves what runs alone', async () => {
    const queue = new LimitedQueue(1);
    const gate = deferred();
    const running = queue.run('a', () => gate.promise);
    const work = vi.fn(() => Promise.resolve());
    const waiting = queue.run('b', work);
    queue.cancelWaiting('a');
    queue.cancelWaiting('b');
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    gate.resolve();
    await running;
    expect(work).not.toHaveBeenCalled();
  });

  it('goes on after a failure', async () => {
    const queue = new LimitedQueue(1);
    const failed = queue.run('a', () => Promise.reject(new Error('no')));
    const after = queue.run('b', () => Promise.resolve(7));
    await expect(failed).rejects.toThrow('no');
    await expect(after).resolves.toBe(7);
  });

  it('tells when the last one has ended, once per batch', async () => {
    const onIdle = vi.fn();
    const queue = new LimitedQueue(1, onIdle);
    await Promise.all([queue.run('a', () => Promise.resolve()), queue.run('b', () => Promise.resolve())]);
    expect(onIdle).toHaveBeenCalledOnce();
    await queue.run('c', () => Promise.resolve());
    expect(onIdle).toHaveBeenCalledTimes(2);
  });
});
