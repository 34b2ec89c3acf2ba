import { AppError } from '../contract/app-error.js';

/** What was refused before anything was started: the exit code is then that of wrong usage, whatever the error's own code says. */
export class Refusal extends AppError {
  /** @returns `error` as a refusal; one that nobody foresaw stays what it is */
  static of(error: unknown): AppError {
    const { code, message, details } = AppError.from(error);
    return code === 'INTERNAL' ? AppError.from(error) : new Refusal(code, message, details);
  }
}
