/** A stream that may be a person's screen. */
export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Where the command line writes; a seam for tests. */
export interface Terminal {
  /** documents and progress lines */
  readonly stdout: OutputStream;
  /** words for a person, and the progress bar */
  readonly stderr: OutputStream;
}

/** Writes one line for a person. */
export function say(terminal: Terminal, text: string): void {
  terminal.stderr.write(`${text}\n`);
}

/** Writes a JSON document that a script reads: nothing else may be on standard output. */
export function printDocument(terminal: Terminal, value: unknown): void {
  terminal.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/**
 * A path as it may be shown on one line of a terminal: control characters, which a file name may hold and which could
 * rewrite the screen, are shown as escapes.
 */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what this is about
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) =>
    JSON.stringify(character) === `"${character}"`
      ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
      : JSON.stringify(character).slice(1, -1),
  );
}

/** @returns 75 as "1:15", 3675 as "1:01:15" */
export function clockTime(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  const two = (value: number): string => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
