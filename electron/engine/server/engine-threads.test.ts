import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { writeNoise } from '../io/reading/recordings.fake.js';
import type { JobRequest } from '../job/job-request.js';
import { namesIn, settingsOf, testFolder } from '../job/run-job.fake.js';
import { EngineThreads } from './engine-threads.js';

/** Each test starts threads and ffmpeg, on machines that may be busy. */
vi.setConfig({ testTimeout: 60_000 });

const folder = testFolder();
/** The engine as it is shipped; `SOTTO_ENGINE` names another build. */
const builtEngine = process.env['SOTTO_ENGINE'] ?? join(import.meta.dirname, '../../../out/main/engine.js');
const open: EngineThreads[] = [];
afterEach(async () => {
  for (const threads of open.splice(0)) await threads.close();
});

function start(script = builtEngine): EngineThreads {
  const threads = new EngineThreads(script);
  open.push(threads);
  return threads;
}

function job(input: string, output: string, more: Partial<JobRequest> = {}): JobRequest {
  return {
    ...{ input: join(folder(), input), output: join(folder(), output), overwrite: false, cacheFolder: null },
    ...{ settings: settingsOf(), signal: new AbortController().signal, onProgress: () => undefined },
    ...more,
  };
}

describe('EngineThreads', () => {
  it('runs jobs side by side with the progress of each, and uses its threads again', async () => {
    for (const name of ['a.wav', 'b.wav']) {
      await writeNoise(join(folder(), name), { seconds: 3, channels: 2, sampleRateHz: 48_000 });
    }
    const threads = start();
    const told = [0, 0];
    const results = await Promise.all(
      ['a', 'b'].map((name, index) =>
        threads.run(
          job(`${name}.wav`, `${name}-out.wav`, {
            onProgress: () => void (told[index] = (told[index] ?? 0) + 1),
          }),
        ),
      ),
    );
    expect(results.map(({ report }) => report.status)).toEqual(['done', 'done']);
    expect(Math.min(...told)).toBeGreaterThan(1);
    const { report } = await threads.run(job('gone.wav', 'c-out.wav'));
    expect(report).toMatchObject({ status: 'failed', error: { code: 'INPUT_NOT_FOUND' } });
    expect(await namesIn(folder())).toEqual(['a-out.wav', 'a.wav', 'b-out.wav', 'b.wav']);
  });

  it('cancels without a trace', async () => {
    await writeNoise(join(folder(), 'long.wav'), { seconds: 60, channels: 2, sampleRateHz: 48_000 });
    const controller = new AbortController();
    const request = job('long.wav', 'out.wav', {
      signal: controller.signal,
      onProgress: () => {
        controller.abort();
      },
    });
    await expect(start().run(request)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await namesIn(folder())).toEqual(['long.wav']);
  });

  it('fails the job of a thread that dies, and starts another for the next', async () => {
    await mkdir(join(folder(), 'scripts'));
    const script = join(folder(), 'scripts', 'dying.mjs');
    await writeFile(
      script,
      "import { parentPort } from 'node:worker_threads';\nparentPort.on('message', () => process.exit(7));\n",
    );
    const threads = start(script);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const outcome = threads.run(job('a.wav', 'out.wav'));
      await expect(outcome).rejects.toMatchObject({
        code: 'ENGINE_CRASHED',
        details: { reason: 'exit code 7' },
      });
    }
  });

  it('does not give a job to a thread that died between two jobs', async () => {
    const script = join(folder(), 'answering.mjs');
    const life = join(folder(), 'life');
    // The first thread answers once and then ends; the next ones stay.
    await writeFile(
      script,
      `import { existsSync, writeFileSync } from 'node:fs';
       import { parentPort } from 'node:worker_threads';
       const first = !existsSync(${JSON.stringify(life)});
       writeFileSync(${JSON.stringify(life)}, '');
       parentPort.on('message', ({ id }) => {
         const error = { code: 'INPUT_EMPTY', message: first ? 'first thread' : 'another thread' };
         parentPort.postMessage({ kind: 'answer', id, answer: { ok: false, error } });
         if (first) process.exit(0);
       });`,
    );
    const threads = start(script);
    await expect(threads.run(job('a.wav', 'out.wav'))).rejects.toThrow('first thread');
    // Until its end has been noticed, nobody can know.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await expect(threads.run(job('a.wav', 'out.wav'))).rejects.toThrow('another thread');
  });

  it('says that the engine could not be started', async () => {
    const outcome = start(join(folder(), 'gone.js')).run(job('a.wav', 'out.wav'));
    await expect(outcome).rejects.toMatchObject({ code: 'ENGINE_CRASHED' });
  });
});
