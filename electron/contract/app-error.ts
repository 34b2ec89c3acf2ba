import { z } from 'zod';

/**
 * Every stable error code. A code is never renamed: scripts and saved reports depend on it.
 * `*_INPUT` codes speak of the recording, `OUTPUT_*` of the place or file written.
 */
export const errorCodes = [
  'INVALID_ARGUMENT',
  'INPUT_NOT_FOUND',
  'INPUT_UNREADABLE',
  'INPUT_EMPTY',
  'INPUT_NOT_AUDIO',
  'INPUT_NO_SAMPLES',
  'INPUT_UNSUPPORTED',
  'INPUT_DAMAGED',
  'INPUT_IS_OUTPUT',
  'OUTPUT_EXISTS',
  'OUTPUT_FOLDER_MISSING',
  'OUTPUT_NOT_WRITABLE',
  'OUTPUT_DISK_FULL',
  'OUTPUT_NAME_TOO_LONG',
  'OUTPUT_UNSUPPORTED',
  'OUTPUT_NOT_CLEAN',
  'STAGE_NOT_AVAILABLE',
  'PRESET_INVALID',
  'MODEL_NOT_FOUND',
  'MODEL_CHECKSUM_MISMATCH',
  'MODEL_FAILED',
  'TOOL_MISSING',
  'TOOL_FAILED',
  'ENGINE_CRASHED',
  'CANCELLED',
  'INTERNAL',
] as const;

/** One of {@link errorCodes}. */
export type ErrorCode = (typeof errorCodes)[number];

/** The wire form of an error: plain data, safe to clone, log and write into a report. */
export const appErrorDataSchema = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  details: z.record(z.string(), z.unknown()).optional(),
});

/** @see appErrorDataSchema */
export type AppErrorData = z.infer<typeof appErrorDataSchema>;

/**
 * The one error class that crosses a room's border.
 * The message says what was expected, what was found and what to do.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown> | undefined;

  /**
   * @param code     stable code, see {@link errorCodes}
   * @param message  expected, found, what to do; shown to the user as it stands
   * @param details  machine-readable facts; plain data only
   */
  constructor(code: ErrorCode, message: string, details?: Record<string, unknown>) {
    super(message);
    this.name = 'AppError';
    this.code = code;
    this.details = details;
  }

  /** @returns the plain-data form for IPC, logs and reports */
  toData(): AppErrorData {
    return this.details === undefined
      ? { code: this.code, message: this.message }
      : { code: this.code, message: this.message, details: this.details };
  }

  /** @returns an AppError from its wire form */
  static fromData(data: AppErrorData): AppError {
    return new AppError(data.code, data.message, data.details);
  }

  /** @returns `error` itself when it already is an AppError, else an `INTERNAL` one with its message */
  static from(error: unknown): AppError {
    if (error instanceof AppError) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new AppError('INTERNAL', `Sotto met an unexpected problem: ${message}`);
  }
}
