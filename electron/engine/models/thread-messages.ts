import type { AppErrorData } from '../../contract/app-error.js';
import type { Tensor } from './model-host.js';
import type { WeightsFile } from './weights-file.js';

/**
 * Asked of a model thread. Every request names its weights, so that a thread that was restarted needs no memory of the one before.
 * The buffers of `inputs` are transferred.
 */
export interface ThreadRequest {
  readonly id: number;
  readonly weights: WeightsFile;
  /** null only opens the session */
  readonly inputs: Readonly<Record<string, Tensor>> | null;
  /** names of the outputs that are wanted; all when missing */
  readonly outputs?: readonly string[] | undefined;
}

/** Answered by a model thread, in the order of the requests. The buffers of `outputs` are transferred. */
export type ThreadAnswer =
  | { readonly id: number; readonly ok: true; readonly outputs: Record<string, Tensor> }
  | { readonly id: number; readonly ok: false; readonly error: AppErrorData };

/**
 * Tensors in a form whose buffers can be given away: a view on a part of a buffer is copied, because a transfer takes all of it.
 * @returns the tensors and the buffers to transfer with them
 */
export function transferable(tensors: Readonly<Record<string, Tensor>>): {
  tensors: Record<string, Tensor>;
  buffers: ArrayBuffer[];
} {
  const owned: Record<string, Tensor> = {};
  const buffers: ArrayBuffer[] = [];
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const whole = data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength;
    const own = whole ? data : data.slice();
    owned[name] = { shape, data: own };
    buffers.push(own.buffer as ArrayBuffer);
  }
  return { tensors: owned, buffers };
}
