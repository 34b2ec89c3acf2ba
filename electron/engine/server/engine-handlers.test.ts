import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Answer, RequestInput, RequestName } from '../../contract/channel.js';
import { engineContract, type EngineContract } from '../../contract/engine-contract.js';
import { engineMessageSchema } from '../../contract/wire.js';
import { writeTinyGatedModel } from '../analysis/tiny-gated-model.fake.js';
import { laneCount } from '../analysis/lanes.js';
import { writeNoise } from '../io/reading/recordings.fake.js';
import { NameMapping } from '../job/name-mapping.js';
import { namesIn, settingsOf, testFolder } from '../job/run-job.fake.js';
import { DirectModelHost } from '../models/direct-model-host.js';
import { FakeModelHost, passAll } from '../models/model-host.fake.js';
import type { ModelHost } from '../models/model-host.js';
import { engineHandlers } from './engine-handlers.js';
import { messagePort } from './engine-port.js';
import { eventPoster, serveEngine } from './serve-engine.js';
import { TaskSet } from './task-set.js';

/** ffmpeg is started for every recording, on machines that may be busy. */
vi.setConfig({ testTimeout: 60_000 });

const folder = testFolder();
const open: MessagePort[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

/** An engine behind a real message channel, asked as the main process asks it. */
class EngineUnderTest {
  readonly tasks = new TaskSet();
  readonly names = new NameMapping(join(folder(), 'data'));
  readonly progress: string[] = [];
  onProgress: () => void = () => undefined;
  readonly #port: MessagePort;
  readonly #waiting = new Map<string, (answer: Answer) => void>();

  constructor(models: ModelHost = new FakeModelHost(passAll)) {
    const { port1, port2 } = new MessageChannel();
    open.push(port1, port2);
    this.#port = port2;
    const port = messagePort(port1);
    const { tasks, names } = this;
    serveEngine(port, engineHandlers({ models, tasks, names, post: eventPoster(port) }));
    port2.on('message', (data: unknown) => {
      const message = engineMessageSchema.parse(data);
      if (message.kind === 'answer') this.#waiting.get(message.id)?.(message.answer);
      else {
        const { taskId, progress } = engineContract.events['task:progress'].parse(message.payload);
        this.progress.push(`${taskId} ${progress.phase}`);
        this.onProgress();
      }
    });
  }

  ask<N extends RequestName<EngineContract>>(
    name: N,
    input: RequestInput<EngineContract, N>,
  ): Promise<Answer> {
    const id = String(this.#waiting.size);
    return new Promise((resolve) => {
      this.#waiting.set(id, (answer) => {
        if (answer.ok) engineContract.requests[name].output.parse(answer.value);
        resolve(answer);
      });
      this.#port.postMessage({ kind: 'request', id, name, input });
    });
  }
}

async function recording(name: string, seconds = 1): Promise<string> {
  const path = join(folder(), name);
  await writeNoise(path, { seconds, channels: 2, sampleRateHz: 48_000 });
  return path;
}

describe('the engine behind its port', () => {
  it('leads a recording from the drop to the shared report', async () => {
    const engine = new EngineUnderTest();
    const input = await recording('jane.wav');
    await writeFile(join(folder(), 'empty.wav'), '');
    const out = join(folder(), 'out');
    await mkdir(out);
    const settings = settingsOf('same', { enhance: { strength: 0.5, level: 'fp32' } });
    const paths = [input, join(folder(), 'empty.wav')];

    expect(await engine.ask('inputs:expand', { paths })).toMatchObject({
      value: { files: [input], rejected: [{ error: { code: 'INPUT_EMPTY' } }] },
    });
    expect(
      await engine.ask('input:prepare', { taskId: 'p', path: input, cacheFolder: folder() }),
    ).toMatchObject({
      value: { playback: { sampleFrames: 48_000 } },
    });
    const plan = { inputs: [input], folder: out, settings, overwrite: false };
    const output = join(out, 'sanitised-001.wav');
    expect(await engine.ask('outputs:plan', plan)).toMatchObject({ value: { outputs: [{ input, output }] } });
    expect(await engine.ask('chain:check', { chain: settings.chain })).toEqual({ ok: true, value: {} });
    const answer = await engine.ask('job:run', {
      ...{ taskId: 'j', input, output, overwrite: false, settings, cacheFolder: folder() },
    });
    expect(answer).toMatchObject({
      value: { report: { status: 'done' }, playback: { sampleFrames: 48_000 } },
    });
    const { report } = engineContract.requests['job:run'].output.parse(answer.ok ? answer.value : null);
    expect(await engine.ask('report:share', { folder: out, files: [report] })).toMatchObject({ ok: true });

    expect(await namesIn(out)).toEqual(['sanitised-001.wav', 'sotto-report.json']);
    expect(await namesIn(folder())).toEqual(
      expect.arrayContaining(['raw.pcm', 'raw.peaks', 'result.pcm', 'result.peaks']),
    );
    expect(await namesIn(join(folder(), 'data', 'names'))).toHaveLength(1);
    expect(new Set(engine.progress)).toEqual(new Set(['p prepare', 'j process', 'j prove']));
  });

  it('answers a recording that fails with a report, not with an error', async () => {
    const engine = new EngineUnderTest();
    const output = join(folder(), 'out.wav');
    const request = { overwrite: false, settings: settingsOf(), cacheFolder: null };
    const answer = await engine.ask('job:run', { taskId: 'j', input: '/gone.wav', output, ...request });
    expect(answer).toMatchObject({
      value: { report: { status: 'failed', error: { code: 'INPUT_NOT_FOUND' } }, playback: null },
    });
  });

  it('ends a cancelled task with CANCELLED and without a trace', async () => {
    const engine = new EngineUnderTest();
    const input = await recording('long.wav', 30);
    engine.onProgress = () => void engine.ask('task:cancel', { taskId: 'j' });
    const request = { overwrite: false, settings: settingsOf(), cacheFolder: null };
    const answer = await engine.ask('job:run', {
      ...{ taskId: 'j', input, output: join(folder(), 'out.wav'), ...request },
    });
    expect(answer).toMatchObject({ ok: false, error: { code: 'CANCELLED' } });
    expect(await namesIn(folder())).toEqual(['long.wav']);
  });

  it('writes the lanes of a recording, whole, and gives the weights they were read with', async () => {
    const manifest = writeTinyGatedModel(join(folder(), 'models'));
    const engine = new EngineUnderTest(new DirectModelHost(join(folder(), 'models')));
    const path = await recording('jane.wav');
    const cacheFolder = join(folder(), 'cache');
    await mkdir(cacheFolder);
    const answer = await engine.ask('input:analyse', { taskId: 'a', path, cacheFolder });
    const facts = engineContract.requests['input:analyse'].output.parse(answer.ok ? answer.value : null);
    expect(facts).toMatchObject({ frameSeconds: 0.016, frames: 64, noiseLabels: ['traffic', 'rain'] });
    expect(await namesIn(cacheFolder)).toEqual(['raw.lanes']);
    const bytes = await readFile(join(cacheFolder, 'raw.lanes'));
    expect(bytes).toHaveLength(64 * laneCount * 4);
    const speech = Array.from({ length: 64 }, (_, t) => bytes.readFloatLE(t * laneCount * 4));
    expect(speech.some((value) => value > 0 && value < 1)).toBe(true);
    expect(new Set(engine.progress)).toEqual(new Set(['a analyse']));

    const weights = await engine.ask('frame-weights', { level: 'fp32' });
    const { model, level, sha256, gates, onnx } = engineContract.requests['frame-weights'].output.parse(
      weights.ok ? weights.value : null,
    );
    expect([model, level, sha256, gates]).toEqual(['tiny-gated', 'fp32', manifest.levels[0]!.sha256, true]);
    expect(onnx).toHaveLength(manifest.levels[0]!.sizeBytes);
    expect(await engine.ask('frame-weights', { level: 'phi25' })).toMatchObject({
      ok: false,
      error: { code: 'MODEL_NOT_FOUND' },
    });
  });

  it('ends a cancelled analysis without a trace, and names the model that is missing', async () => {
    writeTinyGatedModel(join(folder(), 'models'));
    const engine = new EngineUnderTest(new DirectModelHost(join(folder(), 'models')));
    const path = await recording('long.wav', 30);
    const cacheFolder = join(folder(), 'cache');
    await mkdir(cacheFolder);
    engine.onProgress = () => void engine.ask('task:cancel', { taskId: 'a' });
    const cancelled = await engine.ask('input:analyse', { taskId: 'a', path, cacheFolder });
    expect(cancelled).toMatchObject({ ok: false, error: { code: 'CANCELLED' } });
    expect(await namesIn(cacheFolder)).toEqual([]);
    const plain = new EngineUnderTest();
    const missing = await plain.ask('input:analyse', { taskId: 'a', path, cacheFolder });
    expect(missing).toMatchObject({ ok: false, error: { code: 'MODEL_NOT_FOUND' } });
  });

  it('refuses a level that no model has', async () => {
    const engine = new EngineUnderTest();
    const chain = { enhance: { strength: 1, level: 'int3' } };
    expect(await engine.ask('chain:check', { chain })).toMatchObject({
      ok: false,
      error: { code: 'MODEL_NOT_FOUND' },
    });
  });
});
