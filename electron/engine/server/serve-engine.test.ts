import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../contract/app-error.js';
import type { Handlers } from '../../contract/channel.js';
import type { EngineContract } from '../../contract/engine-contract.js';
import { engineMessageSchema, type EngineMessage } from '../../contract/wire.js';
import { messagePort } from './engine-port.js';
import { eventPoster, serveEngine } from './serve-engine.js';

/** Handlers that fail the test when a request reaches one that it did not replace. */
function handlersWith(own: Partial<Handlers<EngineContract>>): Handlers<EngineContract> {
  const unexpected = (): Promise<never> => Promise.reject(new Error('this handler was not expected to run'));
  return {
    'inputs:expand': unexpected,
    'input:inspect': unexpected,
    'input:prepare': unexpected,
    'input:analyse': unexpected,
    'frame-weights': unexpected,
    'outputs:plan': unexpected,
    'job:run': unexpected,
    'preview:render': unexpected,
    'report:share': unexpected,
    'task:cancel': unexpected,
    'models:list': unexpected,
    'chain:check': unexpected,
    ...own,
  };
}

const open: MessagePort[] = [];

function start(own: Partial<Handlers<EngineContract>>): {
  ask: (message: unknown) => Promise<EngineMessage>;
  enginePort: ReturnType<typeof messagePort>;
  next: () => Promise<EngineMessage>;
} {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  const enginePort = messagePort(port1);
  serveEngine(enginePort, handlersWith(own));
  const next = (): Promise<EngineMessage> =>
    new Promise((resolve) => {
      port2.once('message', (message: unknown) => {
        resolve(engineMessageSchema.parse(message));
      });
    });
  return {
    enginePort,
    next,
    ask: (message) => {
      const answer = next();
      port2.postMessage(message);
      return answer;
    },
  };
}

afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

describe('serveEngine', () => {
  it('answers a request with the value of its handler', async () => {
    const { ask } = start({
      'inputs:expand': ({ paths }) => Promise.resolve({ files: paths, rejected: [] }),
    });
    const answer = await ask({ kind: 'request', id: '1', name: 'inputs:expand', input: { paths: ['/a'] } });
    expect(answer).toEqual({
      kind: 'answer',
      id: '1',
      answer: { ok: true, value: { files: ['/a'], rejected: [] } },
    });
  });

  it('answers a wrong input with INVALID_ARGUMENT and the path of the field', async () => {
    const { ask } = start({});
    const answer = await ask({
      kind: 'request',
      id: '2',
      name: 'chain:check',
      input: { chain: { enhance: { strength: 7 } } },
    });
    expect(answer).toMatchObject({
      id: '2',
      answer: {
        ok: false,
        error: { code: 'INVALID_ARGUMENT', details: { path: 'chain.enhance.strength' } },
      },
    });
  });

  it('answers an unknown request by naming the known ones', async () => {
    const { ask } = start({});
    const answer = await ask({ kind: 'request', id: '3', name: 'toString', input: {} });
    expect(answer).toMatchObject({ id: '3', answer: { ok: false, error: { code: 'INVALID_ARGUMENT' } } });
    expect(JSON.stringify(answer)).toContain('job:run');
  });

  it('answers a message that is no request, under its id when it has one', async () => {
    const { ask } = start({});
    expect(await ask({ id: '4', hello: 1 })).toMatchObject({ id: '4', answer: { ok: false } });
    expect(await ask('nonsense')).toMatchObject({ id: '', answer: { ok: false } });
  });

  it('carries the code of an AppError and calls anything else INTERNAL', async () => {
    const { ask } = start({
      'models:list': () => Promise.reject(new AppError('TOOL_MISSING', 'ffmpeg is missing')),
      'task:cancel': () => {
        throw new TypeError('broken');
      },
    });
    expect(await ask({ kind: 'request', id: '5', name: 'models:list', input: {} })).toMatchObject({
      answer: { ok: false, error: { code: 'TOOL_MISSING', message: 'ffmpeg is missing' } },
    });
    expect(
      await ask({ kind: 'request', id: '6', name: 'task:cancel', input: { taskId: 'x' } }),
    ).toMatchObject({ answer: { ok: false, error: { code: 'INTERNAL' } } });
  });

  it('still answers when the error holds details that cannot be cloned', async () => {
    const { ask } = start({
      'models:list': () => Promise.reject(new AppError('INTERNAL', 'odd', { bad: () => 1 })),
    });
    const answer = await ask({ kind: 'request', id: '7', name: 'models:list', input: {} });
    expect(answer).toMatchObject({ id: '7', answer: { ok: false, error: { code: 'INTERNAL' } } });
  });

  it('posts events beside answers', async () => {
    const { enginePort, next } = start({});
    const arrived = next();
    eventPoster(enginePort)('task:progress', {
      taskId: 't',
      progress: {
        phase: 'process',
        fraction: 0.5,
        processedSeconds: 1,
        etaSeconds: 1,
        realTimeFactor: 80,
      },
    });
    expect(await arrived).toMatchObject({ kind: 'event', name: 'task:progress', payload: { taskId: 't' } });
  });
});
