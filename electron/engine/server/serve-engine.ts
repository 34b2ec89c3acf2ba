import type { z } from 'zod';
import { AppError } from '../../contract/app-error.js';
import type { Answer, EventName, EventPayload, Handlers, RequestName } from '../../contract/channel.js';
import { engineContract, type EngineContract } from '../../contract/engine-contract.js';
import { wireRequestSchema } from '../../contract/wire.js';
import type { EnginePort } from './engine-port.js';

/** Posts one event of the engine contract. */
export type PostEvent = <N extends EventName<EngineContract>>(
  name: N,
  payload: EventPayload<EngineContract, N>,
) => void;

/** @returns a typed way to post events through `port` */
export function eventPoster(port: EnginePort): PostEvent {
  return (name, payload) => {
    port.post({ kind: 'event', name, payload });
  };
}

/**
 * Answers every message on `port` from `handlers`, each exactly once. A message that is no request, names an unknown request
 * or carries a wrong input is answered with INVALID_ARGUMENT and the field's path; it never reaches a handler.
 */
export function serveEngine(port: EnginePort, handlers: Handlers<EngineContract>): void {
  port.onMessage((message) => {
    void answerMessage(message, handlers).then(({ id, answer }) => {
      postAnswer(port, id, answer);
    });
  });
}

function postAnswer(port: EnginePort, id: string, answer: Answer): void {
  try {
    port.post({ kind: 'answer', id, answer });
  } catch (error) {
    // Details that cannot be cloned must not leave the asking side waiting for ever.
    const reason = error instanceof Error ? error.message : String(error);
    const data = new AppError('INTERNAL', `The engine's answer could not be sent: ${reason}`).toData();
    port.post({ kind: 'answer', id, answer: { ok: false, error: data } });
  }
}

async function answerMessage(
  message: unknown,
  handlers: Handlers<EngineContract>,
): Promise<{ id: string; answer: Answer }> {
  const request = wireRequestSchema.safeParse(message);
  if (!request.success) {
    return { id: idOf(message), answer: refuse('a request to the engine', request.error) };
  }
  const { id, name, input } = request.data;
  if (!isRequestName(name)) {
    const known = Object.keys(engineContract.requests).join(', ');
    const error = new AppError('INVALID_ARGUMENT', `Expected one of the requests ${known}; found "${name}".`);
    return { id, answer: { ok: false, error: error.toData() } };
  }
  return { id, answer: await answerRequest(name, input, handlers) };
}

async function answerRequest(
  name: RequestName<EngineContract>,
  input: unknown,
  handlers: Handlers<EngineContract>,
): Promise<Answer> {
  const parsed = engineContract.requests[name].input.safeParse(input);
  if (!parsed.success) return refuse(`the input of ${name}`, parsed.error);
  // The pair of name and input is one by construction; TypeScript cannot follow it through the union of names.
  const handler = handlers[name] as (input: unknown) => Promise<unknown>;
  try {
    return { ok: true, value: await handler(parsed.data) };
  } catch (error) {
    return { ok: false, error: AppError.from(error).toData() };
  }
}

function refuse(what: string, error: z.ZodError): Answer {
  const issue = error.issues[0];
  const path = issue?.path.map(String).join('.') ?? '';
  const field = path === '' ? 'the whole' : `field "${path}"`;
  const message = `Expected ${what} as in the engine contract; ${field}: ${issue?.message ?? error.message}.`;
  return { ok: false, error: new AppError('INVALID_ARGUMENT', message, { path }).toData() };
}

function isRequestName(name: string): name is RequestName<EngineContract> {
  return Object.hasOwn(engineContract.requests, name);
}

/** Even a malformed message is answered under its id where it has one. */
function idOf(message: unknown): string {
  if (typeof message !== 'object' || message === null || !('id' in message)) return '';
  return typeof message.id === 'string' ? message.id : '';
}
