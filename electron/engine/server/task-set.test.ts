import { describe, expect, it } from 'vitest';
import { AppError } from '../../contract/app-error.js';
import { TaskSet } from './task-set.js';

/** Work that only ends when it is cancelled, after a little cleaning up. */
function untilCancelled(onCleaned: () => void): (signal: AbortSignal) => Promise<never> {
  return (signal) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        setTimeout(() => {
          onCleaned();
          reject(new AppError('CANCELLED', 'cancelled'));
        }, 20);
      });
    });
}

describe('TaskSet', () => {
  it('cancels exactly the task that is named', async () => {
    const tasks = new TaskSet();
    let cleaned = 0;
    const first = tasks.run(
      'a',
      untilCancelled(() => (cleaned += 1)),
    );
    const second = tasks.run('b', (signal) => Promise.resolve(signal.aborted));
    tasks.cancel('a');
    await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(cleaned).toBe(1);
    expect(await second).toBe(false);
  });

  it('ignores the name of a task that has ended', async () => {
    const tasks = new TaskSet();
    expect(await tasks.run('a', () => Promise.resolve(5))).toBe(5);
    tasks.cancel('a');
    expect(await tasks.run('a', (signal) => Promise.resolve(signal.aborted))).toBe(false);
  });

  it('refuses a second task under the name of a running one', async () => {
    const tasks = new TaskSet();
    const first = tasks.run(
      'a',
      untilCancelled(() => undefined),
    );
    await expect(tasks.run('a', () => Promise.resolve())).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    tasks.cancel('a');
    await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('waits with cancelAll until every task has cleaned up', async () => {
    const tasks = new TaskSet();
    let cleaned = 0;
    const outcomes = ['a', 'b'].map((id) =>
      tasks
        .run(
          id,
          untilCancelled(() => (cleaned += 1)),
        )
        .catch((error: unknown) => AppError.from(error).code),
    );
    await tasks.cancelAll();
    expect(cleaned).toBe(2);
    expect(await Promise.all(outcomes)).toEqual(['CANCELLED', 'CANCELLED']);
  });
});
