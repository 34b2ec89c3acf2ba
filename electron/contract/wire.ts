import { z } from 'zod';
import { answerSchema } from './channel.js';

/**
 * What the main process and the engine post to each other. A request is answered exactly once, under its own id,
 * also when it is malformed (`INVALID_ARGUMENT`); events are posted by the engine alone and are not answered.
 */
export const wireRequestSchema = z.object({
  kind: z.literal('request'),
  /** chosen by the asking side, unique among its open requests */
  id: z.string().min(1),
  /** a request name of the engine contract; anything else is answered with INVALID_ARGUMENT */
  name: z.string(),
  input: z.unknown(),
});

/** @see wireRequestSchema */
export type WireRequest = z.infer<typeof wireRequestSchema>;

/** The one answer to the request of the same id. */
const wireAnswerSchema = z.object({
  kind: z.literal('answer'),
  id: z.string(),
  answer: answerSchema,
});

/** News from the engine; `name` is an event name of the engine contract. */
const wireEventSchema = z.object({
  kind: z.literal('event'),
  name: z.string(),
  payload: z.unknown(),
});

/** Whatever the engine posts. */
export const engineMessageSchema = z.discriminatedUnion('kind', [wireAnswerSchema, wireEventSchema]);

/** @see engineMessageSchema */
export type EngineMessage = z.infer<typeof engineMessageSchema>;
