import log from 'electron-log/main';

/** Writes single lines. */
export interface Log {
  /** kept in the file; must hold no name or path of a recording */
  readonly info: (message: string) => void;
  /** kept only when asked for, so it may say anything */
  readonly debug: (message: string) => void;
}

/**
 * Sets up the log file.
 * @param file   absolute path; the old one is kept beside it when it grows over a megabyte
 * @param debug  also writes debug messages, and everything to the terminal
 */
export function openLog(file: string, debug: boolean): Log {
  log.transports.file.resolvePathFn = () => file;
  log.transports.file.level = debug ? 'debug' : 'info';
  log.transports.console.level = debug ? 'debug' : 'warn';
  log.transports.ipc.level = false;
  return {
    info: (message) => {
      log.info(message);
    },
    debug: (message) => {
      log.debug(message);
    },
  };
}
