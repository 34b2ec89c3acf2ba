import { InvalidArgumentError } from 'commander';

/**
 * For commander: a path as it was typed.
 * @throws InvalidArgumentError for an empty one, which would mean the current folder: `"$FOLDER"` of a script that forgot to set it
 */
export function somePath(value: string): string {
  if (value !== '') return value;
  throw new InvalidArgumentError('Expected a path; found nothing. Write "." for the current folder.');
}

/** {@link somePath} for each of several. */
export function somePaths(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, somePath(value)];
}
