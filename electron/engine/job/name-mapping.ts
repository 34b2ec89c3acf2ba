import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { outputError } from '../io/output-error.js';
import { writeJson } from './report-files.js';

/** Which neutral name belongs to which recording: private, never beside the exports. */
export const nameMappingSchema = z.object({
  schema: z.literal('sotto.names/1'),
  startedAt: z.iso.datetime(),
  files: z.array(z.object({ input: z.string(), output: z.string() })),
});

/**
 * The mapping of one run or one session, in a file of its own in the app's data folder (`names/`), readable by its owner only.
 * Nothing is written before the first name.
 */
export class NameMapping {
  /** where the mapping is kept; exists after the first {@link add} */
  readonly path: string;
  readonly #folder: string;
  readonly #startedAt: Date;
  readonly #files: { input: string; output: string }[] = [];
  #written: Promise<void> = Promise.resolve();

  /** @param dataFolder  the app's data folder; created when needed */
  constructor(dataFolder: string, startedAt = new Date()) {
    this.#folder = join(dataFolder, 'names');
    this.#startedAt = startedAt;
    const time = startedAt.toISOString().slice(0, 19).replaceAll(':', '-');
    this.path = join(this.#folder, `${time}-${randomUUID().slice(0, 8)}.json`);
  }

  /**
   * Notes one pair and rewrites the file, whole or not at all.
   * @throws AppError OUTPUT_NOT_WRITABLE, OUTPUT_DISK_FULL; the pair is kept and written with the next one
   */
  async add(input: string, output: string): Promise<void> {
    this.#files.push({ input, output });
    // One after the other: an older list must not replace a newer one.
    const before = this.#written.catch(() => undefined);
    this.#written = before.then(() => this.#write());
    await this.#written;
  }

  async #write(): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw await outputError(error, this.path, 0);
    }
    const mapping: z.infer<typeof nameMappingSchema> = {
      schema: 'sotto.names/1',
      startedAt: this.#startedAt.toISOString(),
      files: [...this.#files],
    };
    await writeJson(this.path, mapping, 0o600);
  }
}
