import './validation-setup.js';
import { AppError } from '../../../electron/contract/app-error.js';
import { answerSchema } from '../../../electron/contract/channel.js';
import type {
  EventName,
  EventPayload,
  RequestInput,
  RequestName,
  RequestOutput,
} from '../../../electron/contract/channel.js';
import { mediaUrl } from '../../../electron/contract/media.js';
import type { MediaKind } from '../../../electron/contract/media.js';
import { windowContract } from '../../../electron/contract/window-contract.js';
import type { WindowApi, WindowContract } from '../../../electron/contract/window-contract.js';

/** Name of a request the window may make. */
export type WindowRequest = RequestName<WindowContract>;

/** Name of an event the window may hear. */
export type WindowEvent = EventName<WindowContract>;

/** The window's only way to the rest of the app. Tests and the preview page pass a fake of this. */
export interface ApiClient {
  /**
   * Asks the main process.
   * @throws AppError as the main process sent it, or INTERNAL when the answer breaks the contract
   */
  request<N extends WindowRequest>(
    name: N,
    input: RequestInput<WindowContract, N>,
  ): Promise<RequestOutput<WindowContract, N>>;
  /** @returns function that ends the subscription; the caller owns it */
  on<N extends WindowEvent>(
    name: N,
    listener: (payload: EventPayload<WindowContract, N>) => void,
  ): () => void;
  /** @returns the path of a dropped file, empty when it has none (dragged out of a web page, say) */
  pathOf(file: File): string;
  /** @returns address of a recording's playback copy or peaks, served with byte ranges */
  mediaUrl(fileId: string, kind: MediaKind): string;
}

/**
 * Wraps what the preload exposes: types every call, checks every answer against the contract, turns errors into AppError.
 * @param api  `window.api`; see {@link windowApi}
 */
export function createApiClient(api: WindowApi): ApiClient {
  return {
    async request(name, input) {
      const answer = answerSchema.safeParse(await api.request(name, input));
      if (!answer.success) {
        throw new AppError(
          'INTERNAL',
          `Expected an answer to ${name}, found something else. Restart Sotto.`,
          {
            issues: answer.error.issues,
          },
        );
      }
      if (!answer.data.ok) throw AppError.fromData(answer.data.error);
      return parse(name, windowContract.requests[name].output, answer.data.value) as never;
    },
    on(name, listener) {
      return api.on(name, (payload) => {
        listener(parse(name, windowContract.events[name], payload) as never);
      });
    },
    pathOf: (file) => api.pathOf(file),
    mediaUrl,
  };
}

/**
 * @returns what the preload exposed
 * @throws AppError INTERNAL when the page runs outside of Sotto
 */
export function windowApi(): WindowApi {
  const { api } = window as unknown as { api?: WindowApi };
  if (!api) throw new AppError('INTERNAL', 'Expected window.api from the preload script, found nothing.');
  return api;
}

function parse(
  name: string,
  schema: { safeParse(value: unknown): { success: boolean; data?: unknown; error?: { message: string } } },
  value: unknown,
): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError('INTERNAL', `Expected ${name} to keep to the contract: ${parsed.error?.message ?? ''}`);
}
