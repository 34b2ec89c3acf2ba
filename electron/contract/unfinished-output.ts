/** `.sotto-<process id>-<random>.part`: what engine and command line write beside an output until it is whole. */
const unfinishedName = /^\.sotto-(\d+)-[0-9a-f]{16}\.part$/;

/**
 * Age from which an unfinished output may be erased, once its process has gone as well. On a shared folder the process may
 * live on another machine, where its id says nothing here; but whoever writes or proves touches its file every minute.
 */
export const abandonedAfterMs = 10 * 60 * 1000;

/** How often a running job touches its unfinished output. @see abandonedAfterMs */
export const touchEveryMs = 60 * 1000;

/** @returns id of the process that began the file of this name; null for any other file */
export function unfinishedBy(name: string): number | null {
  const pid = unfinishedName.exec(name)?.[1];
  return pid === undefined ? null : Number(pid);
}
