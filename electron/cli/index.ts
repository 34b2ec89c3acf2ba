import { performance } from 'node:perf_hooks';
import { disableOrtTelemetry } from '../engine/models/ort-telemetry.js';
import { ThreadedModelHost } from '../engine/models/threaded-model-host.js';
import { exitCodes } from './exit-codes.js';
import { runProgram } from './program.js';

/** A second Ctrl-C this soon is the same one, handed down twice by a shell or by npm. */
const secondsBetweenSignals = 1;

disableOrtTelemetry();
const controller = new AbortController();
let firstSignalMs: number | null = null;
const interrupt = (): void => {
  const nowMs = performance.now();
  if (firstSignalMs !== null && nowMs - firstSignalMs > secondsBetweenSignals * 1000) {
    // Somebody who presses it again does not want to wait for the cleaning up.
    process.exit(exitCodes.interrupted);
  }
  firstSignalMs ??= nowMs;
  controller.abort();
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);

// A reader that goes away (`| head`) must not stop a job half way.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = await runProgram(
  process.argv.slice(2),
  { stdout: process.stdout, stderr: process.stderr },
  controller.signal,
  () => new ThreadedModelHost(),
);
