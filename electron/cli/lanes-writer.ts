import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import type { LanesEntry } from '../engine/analysis/lanes-document.js';
import { outputError } from '../engine/io/output-error.js';
import type { OutputStream } from './terminal.js';

/** Takes the files of one `sotto.lanes/1` document one by one: lanes of a whole archive never lie in memory together. */
export interface LanesWriter {
  write(entry: LanesEntry): Promise<void>;
  /** Completes the document. */
  finish(): Promise<void>;
  /** Removes what was begun; does nothing after `finish`. */
  abort(): Promise<void>;
}

const head = '{"schema":"sotto.lanes/1","files":[';
const tail = '\n]}\n';

/** @returns a writer that prints the document; where nobody reads any more (`| head`) it goes on all the same */
export function printedLanes(stream: OutputStream): LanesWriter {
  let separator = head;
  let unread = false;
  // The error may come while nobody waits; a stream that stays open after it may never say "drain" again.
  stream.on('error', (error) => (unread ||= isUnread(error)));
  return {
    write: async (entry) => {
      if (unread) return;
      const text = `${separator}\n${JSON.stringify(entry)}`;
      separator = ',';
      if (!stream.write(text)) await room(stream);
    },
    finish: () => {
      if (!unread) stream.write(separator === head ? `${head}${tail}` : tail);
      return Promise.resolve();
    },
    abort: () => Promise.resolve(),
  };
}

/** Waits until `stream` takes more, or will never take more because its reader went away. */
async function room(stream: OutputStream): Promise<void> {
  // Ends whichever wait is left over, so that a long run does not gather listeners.
  const ended = new AbortController();
  const { signal } = ended;
  try {
    await Promise.race([once(stream, 'drain', { signal }), once(stream, 'close', { signal })]);
  } catch (error) {
    if (!isUnread(error)) throw error;
  } finally {
    ended.abort();
  }
}

function isUnread(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}

/**
 * @param path  gets the whole document under its name at the end; its folder must exist
 * @throws AppError OUTPUT_NOT_WRITABLE, OUTPUT_DISK_FULL, OUTPUT_FOLDER_MISSING from each method
 */
export function savedLanes(path: string): LanesWriter {
  const part = `${path}.part`;
  const stream = createWriteStream(part, { mode: 0o600 });
  const ended = finished(stream);
  // Whoever waits for room, and at the latest whoever finishes, gets the error.
  ended.catch(() => undefined);
  const printed = printedLanes(stream);
  let renamed = false;
  const guarded = async (work: () => Promise<void>): Promise<void> => {
    try {
      await Promise.race([work(), ended]);
    } catch (error) {
      throw await outputError(error, path, stream.bytesWritten);
    }
  };
  return {
    write: (entry) => guarded(() => printed.write(entry)),
    finish: () =>
      guarded(async () => {
        await printed.finish();
        stream.end();
        await ended;
        await rename(part, path);
        renamed = true;
      }),
    abort: async () => {
      if (renamed) return;
      stream.destroy();
      await rm(part, { force: true });
    },
  };
}
