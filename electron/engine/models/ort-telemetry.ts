import { isMainThread } from 'node:worker_threads';
import { AppError } from '../../contract/app-error.js';

const variable = 'ORT_DISABLE_TELEMETRY';

/**
 * Keeps ONNX Runtime from noting what it runs in a database of the user's home and from sending that to its makers, which version 1.30
 * does unless this variable stands in the environment of the process. Every entry of a process calls it before anything else: a thread
 * only has a copy of the environment, which the runtime does not read.
 */
export function disableOrtTelemetry(): void {
  process.env[variable] = '1';
}

/**
 * The last check before the runtime starts.
 * @throws AppError INTERNAL in a thread whose process never called {@link disableOrtTelemetry}
 */
export function assertOrtIsSilent(): void {
  if (isMainThread) disableOrtTelemetry();
  if (process.env[variable] === '1') return;
  throw new AppError(
    'INTERNAL',
    `Expected ${variable}=1 in the environment of the process before a model is opened, found none. Please report this.`,
  );
}
