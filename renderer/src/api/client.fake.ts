import type {
  EventPayload,
  Handlers,
  RequestInput,
  RequestOutput,
} from '../../../electron/contract/channel.js';
import type { AudioFacts } from '../../../electron/contract/audio-format.js';
import type { MediaKind, Playback } from '../../../electron/contract/media.js';
import type { AppSettings, QueuedFile, WindowContract } from '../../../electron/contract/window-contract.js';
import type { ApiClient, WindowEvent, WindowRequest } from './client.js';

/** A client without a main process, for tests and for the preview page. */
export interface FakeClient extends ApiClient {
  /** every request so far, oldest first */
  readonly calls: readonly { readonly name: WindowRequest; readonly input: unknown }[];
  /** Sends an event to whoever listens. */
  emit<N extends WindowEvent>(name: N, payload: EventPayload<WindowContract, N>): void;
  /** listeners that have not been ended */
  readonly listenerCount: number;
}

/** Settings of a first start, as the fake remembers them. */
export const fakeSettings: AppSettings = {
  schema: 'sotto.settings/1',
  job: {
    chain: { enhance: { strength: 1, level: 'fp32' } },
    export: { format: 'wav24', names: 'neutral' },
  },
  volume: 0.5,
  loudnessMatch: true,
};

/** One second of mono, as a prepared recording is described. */
export const fakeFacts: AudioFacts = {
  container: 'wav',
  codec: 'pcm_s16le',
  sampleRateHz: 48_000,
  channels: 1,
  bitsPerSample: 16,
  lossless: true,
  declaredSampleFrames: 48_000,
  sizeBytes: 96_044,
  otherStreams: [],
};

/** Playback copy of {@link fakeFacts}. */
export const fakePlayback: Playback = {
  sampleRateHz: 48_000,
  channels: 1,
  sampleFrames: 48_000,
  samplesPerPeak: 256,
};

/** @returns a recording as `files:add` names it */
export function fakeFile(fileId: string, name = `${fileId}.wav`): QueuedFile {
  return { fileId, name, path: `/recordings/${name}`, sizeBytes: 1000 };
}

/**
 * @param handlers  answers; a request without one is refused, so that a test cannot pass by accident
 * @param mediaUrl  where playback copies and peaks are; defaults to addresses that lead nowhere
 */
export function createFakeClient(
  handlers: Partial<Handlers<WindowContract>>,
  mediaUrl: (fileId: string, kind: MediaKind) => string = (fileId, kind) => `fake://${fileId}/${kind}`,
): FakeClient {
  const calls: { name: WindowRequest; input: unknown }[] = [];
  const listeners = new Map<string, Set<(payload: never) => void>>();
  return {
    calls,
    async request<N extends WindowRequest>(name: N, input: RequestInput<WindowContract, N>) {
      calls.push({ name, input });
      const handler = handlers[name] as
        ((input: RequestInput<WindowContract, N>) => Promise<RequestOutput<WindowContract, N>>) | undefined;
      if (!handler) throw new Error(`Expected the test to answer ${name}, found no handler.`);
      return handler(input);
    },
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener));
      return () => set.delete(listener);
    },
    emit(name, payload) {
      for (const listener of listeners.get(name) ?? []) listener(payload as never);
    },
    get listenerCount() {
      return [...listeners.values()].reduce((sum, set) => sum + set.size, 0);
    },
    pathOf: (file) => `/dropped/${file.name}`,
    mediaUrl,
  };
}
