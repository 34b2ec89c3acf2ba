import { parentPort } from 'node:worker_threads';
import { AppError } from '../../contract/app-error.js';
import type { Tensor } from './model-host.js';
import { openOrtSession, type OrtSession } from './ort.js';
import { transferable, type ThreadAnswer, type ThreadRequest } from './thread-messages.js';

/** The entry of a model thread: answers {@link ThreadRequest}s one after the other until it is terminated. */
const sessions = new Map<string, Promise<OrtSession>>();
const port = parentPort;
let last: Promise<void> = Promise.resolve();

port?.on('message', (request: ThreadRequest) => {
  last = last.then(() => answer(request));
});

async function answer(request: ThreadRequest): Promise<void> {
  try {
    const outputs = await compute(request);
    const { tensors, buffers } = transferable(outputs);
    port?.postMessage({ id: request.id, ok: true, outputs: tensors } satisfies ThreadAnswer, buffers);
  } catch (error) {
    const failure: ThreadAnswer = { id: request.id, ok: false, error: AppError.from(error).toData() };
    port?.postMessage(failure);
  }
}

async function compute({ weights, inputs, outputs }: ThreadRequest): Promise<Record<string, Tensor>> {
  // The hash stands for the content: the same file with other weights would be another session.
  const key = `${weights.sha256} ${weights.file}`;
  const opening = sessions.get(key) ?? openOrtSession(weights);
  sessions.set(key, opening);
  const session = await opening.catch((error: unknown) => {
    // A file that was mended, or memory that is free again, deserves a new attempt.
    sessions.delete(key);
    throw error;
  });
  return inputs === null ? {} : session.run(inputs, outputs);
}
