import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AppError } from '../../contract/app-error.js';
import { FakeEngineChild } from './engine-child.fake.js';
import { EngineHost, type EngineState } from './engine-host.js';

const inspection = {
  input: '/a.wav',
  facts: null,
  leaks: [],
  warnings: [],
};

let children: FakeEngineChild[] = [];
let states: EngineState[] = [];
let deaths: (number | null)[] = [];
let progress: unknown[] = [];
let logged: string[] = [];

function host(makeChild: () => FakeEngineChild = () => new FakeEngineChild()): EngineHost {
  return new EngineHost({
    start: () => {
      const child = makeChild();
      children.push(child);
      return child;
    },
    onCondition: ({ state }) => states.push(state),
    onDeath: (pid) => deaths.push(pid),
    onProgress: (event) => progress.push(event),
    log: (message) => logged.push(message),
    backOffMs: 100,
    cancelGraceMs: 1000,
    stopGraceMs: 500,
  });
}

function child(index: number): FakeEngineChild {
  const found = children[index];
  if (found === undefined) throw new Error(`engine ${String(index)} was not started`);
  return found;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => 'resolved',
    (error: unknown) => (error as AppError).code,
  );
}

const prepare = { taskId: 't1', path: '/a.wav', cacheFolder: '/cache' };

beforeEach(() => {
  vi.useFakeTimers();
  children = [];
  states = [];
  deaths = [];
  progress = [];
  logged = [];
});

afterEach(() => {
  vi.useRealTimers();
});

describe('asking', () => {
  it('posts a request once the engine is ready and resolves with its parsed answer', async () => {
    const engine = host();
    const answer = engine.ask('input:inspect', { path: '/a.wav' });
    expect(child(0).asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(0);
    expect(states).toEqual(['starting', 'ready']);
    const request = child(0).asked[0];
    expect(request).toMatchObject({ name: 'input:inspect', input: { path: '/a.wav' } });
    child(0).answer(request?.id ?? '', { ok: true, value: { ...inspection, extra: 1 } });
    await expect(answer).resolves.toEqual(inspection);
  });

  it('rejects with the error the engine answers, code and details kept', async () => {
    const engine = host();
    const answer = engine.ask('input:inspect', { path: '/a.wav' });
    await vi.advanceTimersByTimeAsync(0);
    child(0).answer(child(0).asked[0]?.id ?? '', {
      ok: false,
      error: { code: 'INPUT_EMPTY', message: 'empty', details: { sizeBytes: 0 } },
    });
    await expect(answer).rejects.toMatchObject({ code: 'INPUT_EMPTY', details: { sizeBytes: 0 } });
  });

  it('rejects an answer of another form and says where it differs', async () => {
    const engine = host();
    const answer = engine.ask('input:inspect', { path: '/a.wav' });
    await vi.advanceTimersByTimeAsync(0);
    child(0).answer(child(0).asked[0]?.id ?? '', { ok: true, value: { ...inspection, leaks: 'many' } });
    await expect(answer).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('leaks') as string,
    });
  });

  it('passes progress on and ignores events and messages it does not know', async () => {
    const engine = host();
    engine.start();
    await vi.advanceTimersByTimeAsync(0);
    const event = {
      taskId: 't1',
      progress: { phase: 'process', fraction: 0.5, processedSeconds: 1, etaSeconds: null, realTimeFactor: 3 },
    };
    child(0).say({ kind: 'event', name: 'task:progress', payload: event });
    child(0).say({ kind: 'event', name: 'task:progress', payload: { taskId: 't1' } });
    child(0).say({ kind: 'event', name: 'weather:changed', payload: {} });
    child(0).say('hello');
    expect(progress).toEqual([event]);
    expect(logged).toHaveLength(3);
  });
});

describe('an engine that dies', () => {
  it('is started again, and what it had not answered is asked again', async () => {
    const engine = host();
    const answer = engine.ask('input:inspect', { path: '/a.wav' });
    await vi.advanceTimersByTimeAsync(0);
    child(0).die();
    await vi.advanceTimersByTimeAsync(100);
    expect(states).toEqual(['starting', 'ready', 'crashed', 'starting', 'ready']);
    expect(deaths).toEqual([4711]);
    expect(child(1).asked[0]).toMatchObject({ name: 'input:inspect', input: { path: '/a.wav' } });
    child(1).answer(child(1).asked[0]?.id ?? '', { ok: true, value: inspection });
    await expect(answer).resolves.toEqual(inspection);
  });

  it('twice over the same request fails that request and no other', async () => {
    const engine = host();
    const poison = codeOf(engine.ask('input:inspect', { path: '/poison.wav' }));
    await vi.advanceTimersByTimeAsync(0);
    child(0).die();
    await vi.advanceTimersByTimeAsync(100);
    const innocent = engine.ask('input:inspect', { path: '/a.wav' });
    child(1).die();
    expect(await poison).toBe('ENGINE_CRASHED');
    await vi.advanceTimersByTimeAsync(200);
    expect(child(2).asked.map((request) => request.input)).toEqual([{ path: '/a.wav' }]);
    child(2).answer(child(2).asked[0]?.id ?? '', { ok: true, value: inspection });
    await expect(innocent).resolves.toEqual(inspection);
  });

  it('waits longer after each crash in a row', async () => {
    const engine = host();
    engine.start();
    for (const waitMs of [100, 200, 400]) {
      await vi.advanceTimersByTimeAsync(0);
      const before = children.length;
      child(before - 1).die();
      await vi.advanceTimersByTimeAsync(waitMs - 1);
      expect(children).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(children).toHaveLength(before + 1);
    }
  });

  it('before it was ever ready counts as broken after four starts, and a new request tries again', async () => {
    let answersReady = false;
    const engine = host(() => new FakeEngineChild({ answersReady }));
    const first = codeOf(engine.ask('models:list', {}));
    for (let start = 0; start < 4; start += 1) {
      child(start).die();
      await vi.advanceTimersByTimeAsync(1600);
    }
    expect(await first).toBe('ENGINE_CRASHED');
    expect(states.at(-1)).toBe('failed');
    expect(children).toHaveLength(4);
    answersReady = true;
    const second = engine.ask('models:list', {});
    await vi.advanceTimersByTimeAsync(0);
    const value = { schema: 'sotto.models/1', models: [] };
    child(4).answer(child(4).asked[0]?.id ?? '', { ok: true, value });
    await expect(second).resolves.toEqual(value);
  });
});

describe('cancelling', () => {
  it('tells the engine, whose answer decides', async () => {
    const engine = host();
    const answer = codeOf(engine.ask('input:prepare', prepare));
    await vi.advanceTimersByTimeAsync(0);
    engine.cancel('t1');
    expect(child(0).asked[1]).toMatchObject({ name: 'task:cancel', input: { taskId: 't1' } });
    child(0).answer(child(0).asked[0]?.id ?? '', {
      ok: false,
      error: { code: 'CANCELLED', message: 'Cancelled.' },
    });
    expect(await answer).toBe('CANCELLED');
    await vi.advanceTimersByTimeAsync(2000);
    expect(child(0).killed).toBe(0);
  });

  it('ends a request at once that the engine has not got yet', async () => {
    const engine = host(() => new FakeEngineChild({ answersReady: false }));
    const answer = codeOf(engine.ask('input:prepare', prepare));
    engine.cancel('t1');
    expect(await answer).toBe('CANCELLED');
  });

  it('does not ask a cancelled request again after a crash', async () => {
    const engine = host();
    const answer = codeOf(engine.ask('input:prepare', prepare));
    await vi.advanceTimersByTimeAsync(0);
    engine.cancel('t1');
    child(0).die();
    expect(await answer).toBe('CANCELLED');
    await vi.advanceTimersByTimeAsync(100);
    expect(child(1).asked).toEqual([]);
  });

  it('ends an engine that does not listen, without blaming the others it worked on', async () => {
    const engine = host();
    const stuck = codeOf(engine.ask('input:prepare', prepare));
    const other = engine.ask('input:inspect', { path: '/a.wav' });
    await vi.advanceTimersByTimeAsync(0);
    engine.cancel('t1');
    await vi.advanceTimersByTimeAsync(1000);
    expect(child(0).killed).toBe(1);
    expect(await stuck).toBe('CANCELLED');
    await vi.advanceTimersByTimeAsync(100);
    child(1).die();
    await vi.advanceTimersByTimeAsync(200);
    child(2).answer(child(2).asked[0]?.id ?? '', { ok: true, value: inspection });
    await expect(other).resolves.toEqual(inspection);
  });

  it('of a task nobody knows does nothing', async () => {
    const engine = host();
    engine.start();
    await vi.advanceTimersByTimeAsync(0);
    engine.cancel('nobody');
    expect(child(0).asked).toEqual([]);
  });
});

describe('stopping', () => {
  it('cancels what runs, waits for it and then ends the engine', async () => {
    const engine = host();
    const answer = codeOf(engine.ask('input:prepare', prepare));
    await vi.advanceTimersByTimeAsync(0);
    const stopped = engine.stop();
    expect(child(0).asked[1]).toMatchObject({ name: 'task:cancel' });
    expect(child(0).terminated).toBe(0);
    child(0).answer(child(0).asked[0]?.id ?? '', {
      ok: false,
      error: { code: 'CANCELLED', message: 'Cancelled.' },
    });
    await vi.advanceTimersByTimeAsync(100);
    await stopped;
    expect(child(0).terminated).toBe(1);
    expect(await answer).toBe('CANCELLED');
    expect(await codeOf(engine.ask('models:list', {}))).toBe('CANCELLED');
    expect(children).toHaveLength(1);
  });

  it('kills an engine that stays', async () => {
    const engine = host(() => new FakeEngineChild({ endsWhenTold: false }));
    engine.start();
    await vi.advanceTimersByTimeAsync(0);
    const stopped = engine.stop();
    await vi.advanceTimersByTimeAsync(600);
    await stopped;
    expect(child(0).killed).toBe(1);
    expect(deaths).toEqual([]);
  });

  it('is nothing when no engine runs', async () => {
    await expect(host().stop()).resolves.toBeUndefined();
  });
});
