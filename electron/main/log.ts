import log from 'electron-log/main';

/**
 * Sets up the log file. At level info it holds no names of recordings; those appear at debug, which goes nowhere by default.
 * @param file   absolute path; the old one is kept beside it when it grows over a megabyte
 * @param debug  also writes debug messages, and everything to the terminal
 * @returns writes one line at level info
 */
export function openLog(file: string, debug: boolean): (message: string) => void {
  log.transports.file.resolvePathFn = () => file;
  log.transports.file.level = debug ? 'debug' : 'info';
  log.transports.console.level = debug ? 'debug' : 'warn';
  log.transports.ipc.level = false;
  return (message) => {
    log.info(message);
  };
}
