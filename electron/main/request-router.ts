import { AppError } from '../contract/app-error.js';
import type {
  Answer,
  Contract,
  Handlers,
  ParsedInput,
  RequestName,
  RequestOutput,
} from '../contract/channel.js';

/**
 * Answers one request of a contract: the name, then the input's schema, then the handler, then the output's schema.
 * Whatever goes wrong is an answer; nothing is thrown and nothing is dropped.
 * @param name   as it came over the wire
 * @param input  as it came over the wire
 */
export async function answerRequest<C extends Contract>(
  contract: C,
  handlers: Handlers<C>,
  name: unknown,
  input: unknown,
): Promise<Answer> {
  try {
    return { ok: true, value: await ask(contract, handlers, name, input) };
  } catch (error) {
    return { ok: false, error: AppError.from(error).toData() };
  }
}

async function ask<C extends Contract>(
  contract: C,
  handlers: Handlers<C>,
  name: unknown,
  input: unknown,
): Promise<unknown> {
  if (!isRequestName(contract, name)) {
    throw new AppError(
      'INVALID_ARGUMENT',
      `Expected the name of a request, found ${typeof name === 'string' ? `"${name}"` : typeof name}. Known are: ${Object.keys(contract.requests).join(', ')}.`,
    );
  }
  const channel = contract.requests[name];
  if (channel === undefined) throw new Error(`request ${name} has no channel`);
  const parsed = channel.input.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const path = [name, ...(issue?.path ?? []).map(String)].join('.');
    throw new AppError(
      'INVALID_ARGUMENT',
      `${path}: ${issue?.message ?? 'the input has another form than agreed'}.`,
      {
        path,
      },
    );
  }
  // The schema that parsed the input is the one its type is made from.
  const answer: RequestOutput<C, typeof name> = await handlers[name](
    parsed.data as ParsedInput<C, typeof name>,
  );
  const value = channel.output.safeParse(answer);
  if (value.success) return value.data;
  const at = value.error.issues[0]?.path.map(String).join('.') ?? '';
  throw new AppError(
    'INTERNAL',
    `Sotto answered ${name} in a form that was not agreed (at "${at}"). Please report this.`,
  );
}

function isRequestName<C extends Contract>(contract: C, name: unknown): name is RequestName<C> {
  return typeof name === 'string' && Object.hasOwn(contract.requests, name);
}
