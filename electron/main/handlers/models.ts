import type { HandlersOf, Services } from './services.js';

/** The models that the engine has found. */
export function modelHandlers({ engine }: Services): HandlersOf<'models:list'> {
  return { 'models:list': async () => await engine.ask('models:list', {}) };
}
