import { AppError } from '../../contract/app-error.js';

/** The one check for a cancelled job, so that all of them say the same. @throws AppError CANCELLED once `signal` is aborted */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new AppError('CANCELLED', 'Cancelled. Nothing was changed.');
}
