import type { ModelHost } from '../engine/models/model-host.js';
import type { ExitCode } from './exit-codes.js';
import type { Terminal } from './terminal.js';

/** What the commands work with. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** aborted by Ctrl-C and SIGTERM */
  readonly signal: AbortSignal;
  /** opened at the first call, so that `--help` answers at once; closed when the command has ended */
  models(): ModelHost;
}

/** Runs one command of the command line. */
export type Action = (context: CommandContext) => Promise<ExitCode>;
