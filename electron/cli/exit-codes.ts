/** What the process tells its caller; scripts depend on these numbers. */
export const exitCodes = {
  /** every file done and the gate green */
  done: 0,
  /** at least one file failed */
  failed: 1,
  /** wrong usage: nothing was started */
  usage: 2,
  /** done, but the gate wants an acknowledgement; no gate exists yet */
  gate: 3,
  /** ended by Ctrl-C or SIGTERM; nothing half-written is left */
  interrupted: 130,
} as const;

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
