/** Electron's names for the ways between preload and main. Everything of the contract travels on them. */
export const windowChannels = {
  /** invoke(name, input) -> Answer */
  request: 'sotto:request',
  /** send(path): the user dropped this; only the preload can say so */
  dropped: 'sotto:dropped',
  /** main -> window: (name, payload) */
  event: 'sotto:event',
} as const;
