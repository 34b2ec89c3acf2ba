import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from '../contract/app-error.js';
import type { Contract, Handlers } from '../contract/channel.js';
import { answerRequest } from './request-router.js';

const contract = {
  requests: {
    'sum:add': {
      input: z.object({ terms: z.array(z.number()), start: z.number().default(0) }),
      output: z.object({ sum: z.number() }),
    },
    'sum:fail': { input: z.object({}), output: z.object({}) },
    'sum:lie': { input: z.object({}), output: z.object({ sum: z.number() }) },
  },
  events: {},
} as const satisfies Contract;

const handlers: Handlers<typeof contract> = {
  'sum:add': ({ terms, start }) =>
    Promise.resolve({ sum: terms.reduce((sum, term) => sum + term, start), secret: 1 }),
  'sum:fail': () => Promise.reject(new AppError('INPUT_EMPTY', 'Nothing there.', { sizeBytes: 0 })),
  'sum:lie': () => Promise.resolve({ sum: 'seven' } as unknown as { sum: number }),
};

async function ask(name: unknown, input: unknown): Promise<unknown> {
  return await answerRequest(contract, handlers, name, input);
}

describe('answerRequest', () => {
  it('gives the handler the parsed input and the caller the parsed output', async () => {
    expect(await ask('sum:add', { terms: [1, 2] })).toEqual({ ok: true, value: { sum: 3 } });
  });

  it('names the field that does not fit', async () => {
    expect(await ask('sum:add', { terms: [1, 'two'] })).toMatchObject({
      ok: false,
      error: { code: 'INVALID_ARGUMENT', details: { path: 'sum:add.terms.1' } },
    });
  });

  it.each(['sum:none', 'toString', '__proto__', 'constructor', 7, undefined, null, {}])(
    'answers the unknown name %j',
    async (name) => {
      expect(await ask(name, {})).toMatchObject({ ok: false, error: { code: 'INVALID_ARGUMENT' } });
    },
  );

  it('answers errors as data with their code and details', async () => {
    expect(await ask('sum:fail', {})).toEqual({
      ok: false,
      error: { code: 'INPUT_EMPTY', message: 'Nothing there.', details: { sizeBytes: 0 } },
    });
  });

  it('does not let an answer of another form through', async () => {
    expect(await ask('sum:lie', {})).toMatchObject({ ok: false, error: { code: 'INTERNAL' } });
  });
});
