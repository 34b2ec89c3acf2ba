import { z } from 'zod';
import { appErrorDataSchema } from './app-error.js';

/** A question with one answer: both sides are validated where they cross into a process. */
export interface RequestChannel<Input extends z.ZodType, Output extends z.ZodType> {
  readonly input: Input;
  readonly output: Output;
}

/** A set of requests (`noun:verb`) and events (`noun:state`) between two processes. */
export interface Contract {
  readonly requests: Readonly<Record<string, RequestChannel<z.ZodType, z.ZodType>>>;
  readonly events: Readonly<Record<string, z.ZodType>>;
}

/** Names of a contract's requests. */
export type RequestName<C extends Contract> = keyof C['requests'] & string;

/** Names of a contract's events. */
export type EventName<C extends Contract> = keyof C['events'] & string;

/** What the caller passes to request `N`. */
export type RequestInput<C extends Contract, N extends RequestName<C>> = z.input<C['requests'][N]['input']>;

/** What the answering side receives: the input after parsing, with defaults filled in. */
export type ParsedInput<C extends Contract, N extends RequestName<C>> = z.output<C['requests'][N]['input']>;

/** What request `N` answers. */
export type RequestOutput<C extends Contract, N extends RequestName<C>> = z.output<
  C['requests'][N]['output']
>;

/** What event `N` carries. */
export type EventPayload<C extends Contract, N extends EventName<C>> = z.output<C['events'][N]>;

/** The handlers that answer a whole contract. */
export type Handlers<C extends Contract> = {
  readonly [N in RequestName<C>]: (input: ParsedInput<C, N>) => Promise<RequestOutput<C, N>>;
};

/** An answer on the wire: a value, or an error as data. Nothing is ever dropped in silence. */
export const answerSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), error: appErrorDataSchema }),
]);

/** @see answerSchema */
export type Answer = z.infer<typeof answerSchema>;
