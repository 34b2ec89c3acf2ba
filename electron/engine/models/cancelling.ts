import { AppError } from '../../contract/app-error.js';

/** @returns what whoever computes throws once its signal is aborted */
export function cancelled(): AppError {
  return new AppError('CANCELLED', 'Processing was cancelled.');
}

/**
 * Waits for `promise`, but not longer than until `signal` is aborted.
 * @param promise  must not reject after an abort unless somebody else handles it
 * @throws AppError CANCELLED
 */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw cancelled();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(cancelled());
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
