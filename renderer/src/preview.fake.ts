import './api/validation-setup.js';
import { mount } from 'svelte';
import { AppError } from '../../electron/contract/app-error.js';
import type { AppErrorData } from '../../electron/contract/app-error.js';
import type { AudioFacts } from '../../electron/contract/audio-format.js';
import type { Leak } from '../../electron/contract/inspection.js';
import type { Playback } from '../../electron/contract/media.js';
import type { QueuedFile } from '../../electron/contract/window-contract.js';
import App from './App.svelte';
import { createFakeClient, fakeSettings } from './api/client.fake.js';
import type { FakeClient } from './api/client.fake.js';
import { pretendLanes } from './preview-lanes.fake.js';
import { createAudioOutput } from './player/audio-output.js';
import { Studio } from './state/studio.svelte.js';
import './styles/theme.css';

// The window in an ordinary browser (`npx vite renderer --open /preview.html`), with generated sound and an engine that only pretends.
// For looking at it and for trying it out; `?scene=empty|queue|long` chooses what is there at the start, `?voice` installs the voice stage.

interface Pretended {
  readonly file: QueuedFile;
  readonly seconds: number;
  readonly sampleRateHz: number;
  readonly channels: number;
  readonly leaks: readonly Leak[];
  readonly unreadable?: AppErrorData;
  readonly jobFails?: AppErrorData;
  readonly jobSeconds: number;
}

const samplesPerPeak = 256;
const media = new Map<string, string>();
const stopped = new Set<string>();
let lastJob: Promise<unknown> = Promise.resolve();

function tone(frame: number, rate: number, channel: number): number {
  const time = frame / rate;
  const syllable = Math.max(0, Math.sin(2 * Math.PI * 2.1 * time)) * (0.6 + 0.4 * Math.sin(0.7 * time));
  return 0.55 * syllable * Math.sin(2 * Math.PI * (180 + 40 * channel + 30 * Math.sin(time)) * time);
}

function noise(frame: number): number {
  const x = Math.sin(frame * 12.9898) * 43758.5453;
  return 0.12 * (2 * (x - Math.floor(x)) - 1);
}

function render(recording: Pretended, kind: 'raw' | 'result', strength: number): Playback {
  const { sampleRateHz, channels, seconds } = recording;
  const frames = Math.round(seconds * sampleRateHz);
  const bins = Math.ceil(frames / samplesPerPeak);
  const peaks = new Int16Array(bins * channels * 2);
  const sounds = frames * channels < 40_000_000;
  const pcm = new Float32Array(sounds ? frames * channels : 0);
  // Long ones are looked at, not listened to: a few samples per bin are enough for a picture.
  const stride = sounds ? 1 : 64;
  for (let channel = 0; channel < channels; channel++) {
    for (let frame = 0; frame < frames; frame += stride) {
      const value =
        tone(frame, sampleRateHz, channel) + noise(frame) * (kind === 'raw' ? 1 : 1 - 0.95 * strength);
      if (sounds) pcm[frame * channels + channel] = value;
      const at = (Math.floor(frame / samplesPerPeak) * channels + channel) * 2;
      peaks[at] = Math.min(peaks[at] ?? 0, value * 32767);
      peaks[at + 1] = Math.max(peaks[at + 1] ?? 0, value * 32767);
    }
  }
  media.set(`${recording.file.fileId}/${kind}.pcm`, URL.createObjectURL(new Blob([pcm])));
  media.set(`${recording.file.fileId}/${kind}.peaks`, URL.createObjectURL(new Blob([peaks])));
  return { sampleRateHz, channels, sampleFrames: frames, samplesPerPeak };
}

const leaks: readonly Leak[] = [
  {
    where: 'bext.originatorReference',
    meaning: 'recorder serial number',
    kind: 'device',
    value: 'ZOOM H5 SN 00412345',
  },
  { where: 'bext.originationDate', meaning: 'day of recording', kind: 'time', value: '2026-03-14' },
  { where: 'iXML.LOCATION_NAME', meaning: 'place', kind: 'place', value: 'Kitchen, 12 Harbour Street' },
  { where: 'id3v2.TPE1', meaning: 'name of a person', kind: 'person', value: 'M. Example' },
  { where: 'LIST.ISFT', meaning: 'program that wrote the file', kind: 'technical', value: 'FieldRec 2.1' },
];

function pretend(at: number, name: string, seconds: number, more: Partial<Pretended> = {}): Pretended {
  const fileId = `f${at}`;
  return {
    file: {
      fileId,
      name,
      path: `/home/engineer/recordings/${name}`,
      sizeBytes: Math.round(seconds * 288_000),
    },
    seconds,
    sampleRateHz: 48_000,
    channels: 2,
    leaks: at % 3 === 2 ? [] : leaks,
    jobSeconds: 1.5,
    ...more,
  };
}

const scenes: Readonly<Record<string, readonly Pretended[]>> = {
  empty: [],
  queue: [
    pretend(1, 'interview-kitchen.wav', 24),
    pretend(2, 'mono-dictaphone.mp3', 12, { channels: 1, sampleRateHz: 16_000 }),
    pretend(
      3,
      'A very long name of a recording that was made on the roof of the old harbour building, take 14 (final, really).flac',
      9,
    ),
    pretend(4, 'notes.wav', 1, {
      unreadable: {
        code: 'INPUT_NOT_AUDIO',
        message: 'Expected a recording, found a text file named .wav. Choose another file.',
      },
    }),
    pretend(5, 'surround-six-channels.wav', 8, { channels: 6 }),
    pretend(6, 'full-disk.wav', 6, {
      jobFails: {
        code: 'OUTPUT_DISK_FULL',
        message:
          'Expected 3.4 MB of free space in /exports, found 0.2 MB. Free some space or choose another folder, then retry.',
      },
    }),
    pretend(7, 'courtroom-hall.m4a', 31, { jobSeconds: 40 }),
    pretend(8, 'last.opus', 7),
  ],
  long: [pretend(1, 'two-hours.wav', 7200)],
};

const asked = new URLSearchParams(location.search);
const scene = scenes[asked.get('scene') ?? 'queue'] ?? [];
const models = (asked.has('voice') ? ['voice-codes=edge', 'voice-synthesis=fp32'] : [])
  .concat('enhance-conv-fsenet=fp32')
  .map((text) => {
    const [id = '', level = ''] = text.split('=');
    const levels = [{ id: level, sizeBytes: 1, sha256: '' }];
    return { id, stage: id.split('-')[0] ?? '', title: id, licence: 'MIT', levels };
  });
const find = (fileId: string): Pretended => {
  const found = scene.find((recording) => recording.file.fileId === fileId);
  if (!found) throw new AppError('INPUT_NOT_FOUND', `Expected a known recording, found ${fileId}.`);
  return found;
};
const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function factsOf(recording: Pretended): AudioFacts {
  return {
    container: recording.file.name.split('.').at(-1) ?? 'wav',
    codec: 'pcm_s24le',
    sampleRateHz: recording.sampleRateHz,
    channels: recording.channels,
    bitsPerSample: 24,
    lossless: true,
    declaredSampleFrames: Math.round(recording.seconds * recording.sampleRateHz),
    sizeBytes: recording.file.sizeBytes,
    otherStreams: [],
  };
}

async function work(
  fileId: string,
  phase: 'prepare' | 'analyse' | 'process',
  seconds: number,
): Promise<void> {
  const steps = Math.ceil(seconds * 10);
  for (let step = 1; step <= steps; step++) {
    await sleep(100);
    if (stopped.delete(fileId)) throw new AppError('CANCELLED', 'Cancelled.');
    const fraction = step / steps;
    client.emit('file:progress', {
      fileId,
      progress: {
        phase,
        fraction,
        processedSeconds: fraction * find(fileId).seconds,
        etaSeconds: (1 - fraction) * seconds,
        realTimeFactor: 61.4,
      },
    });
  }
}

const client: FakeClient = createFakeClient(
  {
    'app:state': async () => ({
      version: '0.1.0',
      settings: fakeSettings,
      presets: [
        {
          schema: 'sotto.preset/1',
          id: 'clean-only',
          title: 'Clean only',
          description: 'Takes noise from speech and removes all metadata.',
          chain: { enhance: { strength: 1, level: 'fp32' } },
          export: { format: 'wav24', names: 'neutral' },
        },
        {
          schema: 'sotto.preset/1',
          id: 'passthrough',
          title: 'Pass through',
          description: 'Removes all metadata and leaves every sample as it is.',
          chain: {},
          export: { format: 'same', names: 'neutral' },
        },
        {
          schema: 'sotto.preset/1',
          id: 'whistleblower',
          title: 'Whistleblower',
          description: 'Takes noise away and says the same words in another voice.',
          chain: {
            enhance: { strength: 1, level: 'fp32' },
            voice: { mode: 'random', pitch: 'flat', clarity: 'strict', strength: 1, level: 'edge' },
          },
          export: { format: 'same', names: 'neutral' },
        },
      ],
      outputFolder: { path: '/home/engineer/Music/Sotto', exists: true },
      opened: { files: scene.map((recording) => recording.file), rejected: [] },
    }),
    'models:list': async () => ({ schema: 'sotto.models/1', models: [...models] }),
    'settings:save': async () => ({}),
    'files:add': async () => ({
      files: [],
      rejected: [
        {
          path: '/home/engineer/empty.wav',
          error: {
            code: 'INPUT_EMPTY',
            message: 'Expected a recording, found an empty file. Choose another file.',
          },
        },
      ],
    }),
    'files:choose': async () => ({ files: [], rejected: [] }),
    'file:inspect': async ({ fileId }) => ({
      input: find(fileId).file.path,
      facts: factsOf(find(fileId)),
      leaks: [...find(fileId).leaks],
      warnings: [],
    }),
    'file:prepare': async ({ fileId }) => {
      const recording = find(fileId);
      await work(fileId, 'prepare', 0.3);
      if (recording.unreadable) throw AppError.fromData(recording.unreadable);
      return { facts: factsOf(recording), playback: render(recording, 'raw', 0), warnings: [] };
    },
    'file:analyse': async ({ fileId }) => {
      const recording = find(fileId);
      await work(fileId, 'analyse', 0.5);
      if (recording.channels > 2) {
        throw new AppError(
          'MODEL_NOT_FOUND',
          'Expected a gated net of the enhancer, found none. Put one into the folder of models.',
        );
      }
      const { values, facts } = pretendLanes(recording.seconds, Number(fileId.slice(1)));
      media.set(`${fileId}/raw.lanes`, URL.createObjectURL(new Blob([values])));
      return facts;
    },
    'file:remove': async () => ({}),
    'outputs:plan': async ({ fileIds, settings }) => ({
      outputs: fileIds.map((fileId, at) => ({
        fileId,
        output:
          settings.export.names === 'neutral'
            ? `/home/engineer/Music/Sotto/sanitised-${String(at + 1).padStart(3, '0')}.wav`
            : `/home/engineer/Music/Sotto/${find(fileId).file.name}-sanitised.wav`,
      })),
    }),
    'job:start': async ({ fileId, settings }) => {
      const recording = find(fileId);
      // One at a time, as on a small machine.
      const before = lastJob;
      const job = before.then(() => work(fileId, 'process', recording.jobSeconds));
      lastJob = job.catch(() => undefined);
      await job;
      const input = recording.file.path;
      if (recording.jobFails) {
        return {
          report: { input, output: null, status: 'failed', error: recording.jobFails },
          playback: null,
        };
      }
      const { enhance, voice } = settings.chain;
      const strength = enhance?.strength ?? 0;
      const playback = render(recording, 'result', strength);
      return {
        report: {
          input,
          output: `/home/engineer/Music/Sotto/sanitised-00${fileId.slice(1)}.wav`,
          status: 'done',
          realTimeFactor: 61.4,
          sampleFrames: playback.sampleFrames,
          stages: [
            ...(strength > 0
              ? [{ stage: 'enhance', model: 'conv-fsenet', level: 'fp32', sha256: 'ab12', strength }]
              : []),
            ...(voice ? [{ stage: 'voice', model: 'voice-codes', ...voice, sha256: 'cd34' }] : []),
          ],
          removed: [...recording.leaks],
          warnings: voice ? [{ code: 'VOICE_BAND', message: 'Nothing above 12 kHz was kept.' }] : [],
          loudness: { rawLufs: -21.4, resultLufs: -21.4 - 2.9 * strength, method: 'speech' },
          lanes: pretendLanes(recording.seconds, Number(fileId.slice(1))).facts.summary,
          clippedSamples: 0,
          proof: { clean: true, sizeBytes: 6_912_044, parts: [{ part: 'data', bytes: 6_912_044 }] },
        },
        playback,
      };
    },
    'job:cancel': async ({ fileId }) => {
      stopped.add(fileId);
      return {};
    },
    'report:share': async () => ({ path: '/home/engineer/Music/Sotto/report.json' }),
    'output:choose': async () => ({ path: '/home/engineer/Desktop/exports', exists: false }),
    'output:reveal': async () => ({}),
  },
  (fileId, kind) => media.get(`${fileId}/${kind}`) ?? 'blob:none',
);

const studio = new Studio(client, createAudioOutput);
Object.assign(window, { preview: { studio, client } });
const target = document.getElementById('app');
if (target) mount(App, { target, props: { studio } });
setTimeout(() => {
  client.emit('engine:state', { state: 'ready', message: null });
}, 200);
