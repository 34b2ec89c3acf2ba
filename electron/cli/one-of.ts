import { AppError } from '../contract/app-error.js';

/**
 * @param option  as it is typed, for the refusal
 * @returns `value` as the one of `words` that it is
 * @throws AppError INVALID_ARGUMENT, naming the words there are
 */
export function oneOf<Word extends string>(option: string, value: string, words: readonly Word[]): Word {
  const word = words.find((known) => known === value);
  if (word !== undefined) return word;
  throw new AppError('INVALID_ARGUMENT', `Expected ${option} ${words.join(' | ')}; found "${value}".`);
}
